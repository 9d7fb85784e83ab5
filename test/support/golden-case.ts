/**
 * A golden file: what it shows, the data it needs, and a conversation with the command line.
 *
 *     # A footer that is not the token's: the boot refuses and changes nothing.
 *     fixture nodes/c53-fsm-footer-skip
 *     flip n1/snap/0000000000000002-000000000000001c.snap 12 01
 *
 *     ekv cold-start-dryrun --data-dir n1
 *     ----
 *     …standard output…
 *     stderr:
 *     …standard error, where there is any…
 *     exit 4
 *
 * The commands run in the unpacked fixture, so every path in the output is a short relative one.
 */
import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { tempDir, unpackFixture, unpackFresh, type FixtureKind } from './fixtures.js';
import { changeToStart, recordedStarts } from './recorded-start.js';

export interface GoldenCase {
  /** Comment lines and preparation, as they stand in the file. */
  readonly head: readonly string[];
  /** Words behind `ekv`. */
  readonly commands: readonly string[];
}

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command is a line `ekv …` with a line of dashes under it: no output looks like that. */
export function parseGolden(text: string): GoldenCase {
  const lines = text.split('\n');
  const commands: string[] = [];
  let first = lines.length;
  lines.forEach((line, i) => {
    if (!line.startsWith('ekv') || lines[i + 1] !== '----') return;
    first = Math.min(first, i);
    commands.push(line.slice('ekv'.length).trim());
  });
  const head = lines.slice(0, first).filter((line) => line.trim() !== '');
  return { head, commands };
}

/** What `--version` says of the machine. */
const PLATFORM = /\b(?:linux|darwin|win32)-\w+ node-v[\d.]+/g;

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n\\ no line end\n`;
}

export function renderGolden({ head, commands }: GoldenCase, answers: readonly Answer[]): string {
  const parts = [`${head.join('\n')}\n`];
  commands.forEach((words, i) => {
    const { code, stdout, stderr } = answers[i]!;
    const complaint = stderr === '' ? '' : `stderr:\n${ended(stderr)}`;
    const said = `${ended(stdout)}${complaint}`.replace(PLATFORM, 'PLATFORM NODE');
    parts.push(`${`ekv ${words}`.trim()}\n----\n${said}exit ${code}\n`);
  });
  return parts.join('\n');
}

/** Splits as a POSIX shell does, as far as quotes go. */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map((match) =>
    match[0].replace(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => {
      return single ?? double ?? '';
    }),
  );
}

type Change = (dir: string, words: readonly string[]) => void;

function withByte(path: string, offset: number, change: (byte: number) => number): void {
  const fd = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, offset);
  byte[0] = change(byte[0]!);
  writeSync(fd, byte, 0, 1, offset);
  closeSync(fd);
}

function applyGuard(dir: string, name: string): void {
  changeToStart(
    dir,
    recordedStarts().find((one) => one.name === name)!,
  );
}

/** How a fixture may be changed before the commands run. */
const CHANGES: Readonly<Record<string, Change>> = {
  flip: (dir, [file, offset, mask]) =>
    withByte(join(dir, file!), Number(offset), (byte) => byte ^ Number.parseInt(mask!, 16)),
  zero: (dir, [file, offset, length]) => {
    const fd = openSync(join(dir, file!), 'r+');
    writeSync(fd, Buffer.alloc(Number(length)), 0, Number(length), Number(offset));
    closeSync(fd);
  },
  cut: (dir, [file, size]) => truncateSync(join(dir, file!), Number(size)),
  remove: (dir, [file]) => rmSync(join(dir, file!), { recursive: true }),
  copy: (dir, [from, to]) => cpSync(join(dir, from!), join(dir, to!), { recursive: true }),
  mode: (dir, [file, mode]) => chmodSync(join(dir, file!), Number.parseInt(mode!, 8)),
  write: (dir, [file, ...text]) => {
    mkdirSync(dirname(join(dir, file!)), { recursive: true });
    writeFileSync(join(dir, file!), `${text.join(' ')}\n`);
  },
  guard: (dir, [name]) => applyGuard(dir, name!),
  fresh: () => undefined,
};

/** The directory in which the case's commands run. */
export function prepareCase(golden: GoldenCase): string {
  const steps = golden.head.filter((line) => !line.startsWith('#')).map(shellWords);
  const fixture = steps.find(([step]) => step === 'fixture')?.[1];
  const changes = steps.filter(([step]) => step !== 'fixture');
  if (fixture === undefined) return changeAll(tempDir('golden'), changes);
  const [kind, name] = fixture.split('/') as [FixtureKind, string];
  if (changes.length === 0) return unpackFixture(kind, name);
  return changeAll(unpackFresh(kind, name), changes);
}

function changeAll(dir: string, steps: readonly (readonly string[])[]): string {
  for (const [step, ...words] of steps) {
    const change = CHANGES[step!];
    if (change === undefined) throw new Error(`golden file: ${step} is no preparation`);
    change(dir, words);
  }
  return dir;
}
