/** `tools/oracle-damage` as a program that has been built, for either version of etcd. */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../../support/fixtures.js';
import { ETCD_VERSIONS, jobOf, type EtcdVersion } from './compare-damage.js';
import type { DamageCase, DamageKind } from './damage-cases.js';

export type Answer = Readonly<Record<string, unknown>>;

export interface DamageOracle {
  readonly version: EtcdVersion;
  /** One answer for every case, without what varies from run to run, of texts the first line. */
  readonly ask: (kind: DamageKind, cases: readonly DamageCase[]) => Answer[];
}

/** @param binary  says itself which etcd it has */
export function damageOracle(binary: string): DamageOracle {
  const said = spawnSync(binary, ['version'], { encoding: 'utf8' });
  const version = ETCD_VERSIONS.find((each) => said.stdout?.startsWith(`${each}.`));
  if (version === undefined) throw new Error(`${binary} is no oracle: ${said.stderr}`);
  return { version, ask: (kind, cases) => ask(binary, kind, cases) };
}

function ask(binary: string, kind: DamageKind, cases: readonly DamageCase[]): Answer[] {
  const dirs = cases.map(({ files }) => {
    const dir = tempDir('damage');
    for (const [name, bytes] of files) writeFileSync(join(dir, name), bytes);
    return dir;
  });
  const job = jobOf(kind);
  const paths = cases.map(({ files }, i) => {
    const [first = ''] = files.keys();
    return job === 'snap' ? join(dirs[i] ?? '', first) : (dirs[i] ?? '');
  });
  const input = paths.map((path) => `${job} ${path}\n`).join('');
  const run = spawnSync(binary, ['judge'], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  const answers = run.stdout.trim().split('\n');
  if (answers.length !== cases.length) throw new Error(`the oracle stopped: ${run.stderr}`);
  for (const dir of dirs) rmSync(dir, { recursive: true });
  return answers.map((text, i) => firstLines(constant(text, paths[i] ?? '')));
}

function constant(text: string, path: string): string {
  return text
    .replaceAll(path, 'DIR')
    .replaceAll(/\/tmp\/oracle-damage-\d+/g, 'DIR')
    .replaceAll(/unexpected block type (?:0x[0-9a-f]+|-?\d+)/g, 'unexpected block type N')
    .replaceAll('\u00a0', ' ');
}

function firstLines(json: string): Answer {
  const firstLine = (_: string, value: unknown): unknown =>
    typeof value === 'string' ? value.split('\n')[0] : value;
  return JSON.parse(json, firstLine) as Answer;
}

/** What of the later version's answer is not that of the earlier one; null: it has no such part. */
export function changesOf(earlier: Answer, later: Answer): Answer {
  const names = [...new Set([...Object.keys(earlier), ...Object.keys(later)])];
  const differ = names.filter(
    (name) => JSON.stringify(earlier[name]) !== JSON.stringify(later[name]),
  );
  return Object.fromEntries(differ.map((name) => [name, later[name] ?? null]));
}

/** The later answer again. */
export function withChanges(earlier: Answer, changes: Answer): Answer {
  const all = Object.entries({ ...earlier, ...changes });
  return Object.fromEntries(
    all.filter(([name, value]) => value !== null || changes[name] === undefined),
  );
}

/** More than other words for the same refusal, or other bytes for the same content. */
export function isOtherVerdict(earlier: Answer, changes: Answer): boolean {
  return Object.entries(changes).some(([name, value]) => {
    if (name === 'written' || name === 'confStates') return false;
    return !(WORDS.has(name) && Boolean(value) === Boolean(earlier[name]));
  });
}

const WORDS: ReadonlySet<string> = new Set([
  'panic',
  'repairPanic',
  'snapError',
  'readError',
  'error',
]);
