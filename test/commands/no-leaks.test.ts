/**
 * No command prints a key, nor a decrypted value that nobody asked for: every command the program
 * has, in text, JSON and NDJSON, over an encrypted node with the right keys and over every kind of
 * failure, greps clean of the node's KEK and data keys (raw, hex, base64, decimal) and of what is
 * encrypted in its store. A command without a line of its own here is driven by its flags.
 */
import { expect } from 'chai';
import { chmodSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OWN_COMMANDS, runCli, type CliResult } from '../support/cli.js';
import { unpackFresh } from '../support/fixtures.js';
import { LeakFinder, secretsOf, type Secrets } from './secrets.js';

interface FlagMeta {
  readonly type: 'option' | 'boolean';
  readonly required?: boolean;
  readonly options?: readonly string[];
}

interface CommandMeta {
  readonly flags?: Readonly<Record<string, FlagMeta>>;
  readonly args?: Readonly<Record<string, { readonly required?: boolean }>>;
}

interface Command {
  readonly words: readonly string[];
  readonly meta: CommandMeta;
}

async function commands(): Promise<Command[]> {
  const files = readdirSync(OWN_COMMANDS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const found: Command[] = [];
  for (const file of files) {
    const words = relative(OWN_COMMANDS, file).replace(/\.js$/, '').split(/[/\\]/);
    const module = (await import(pathToFileURL(file).href)) as { default: CommandMeta };
    found.push({ words: words.filter((word) => word !== 'index'), meta: module.default });
  }
  return found;
}

/** What stands for the node in one run: the right files, or one of them wrong. */
interface Scene {
  readonly name: string;
  readonly dataDir: string;
  readonly sidecar: string | null;
  readonly kek: string | null;
}

const RIGHT: Scene = {
  name: 'the right keys',
  dataDir: 'data',
  sidecar: 'encryption/keys.json',
  kek: 'kek.bin',
};

const SCENES: readonly Scene[] = [
  RIGHT,
  { ...RIGHT, name: 'no keys', sidecar: null, kek: null },
  { ...RIGHT, name: 'another KEK', kek: 'other.bin' },
  { ...RIGHT, name: 'a KEK others may read', kek: 'open.bin' },
  { ...RIGHT, name: 'a KEK with a line end', kek: 'line.bin' },
  { ...RIGHT, name: 'the KEK as hex', kek: 'hex.txt' },
  { ...RIGHT, name: 'the KEK as the sidecar', sidecar: 'kek.bin' },
  { ...RIGHT, name: 'a sidecar with a clear key in it', sidecar: 'clear.json' },
  { ...RIGHT, name: 'a sidecar that is cut', sidecar: 'cut.json' },
  { ...RIGHT, name: 'the sidecar as the KEK', kek: 'encryption/keys.json' },
  { ...RIGHT, name: 'the KEK as the data dir', dataDir: 'kek.bin' },
  { ...RIGHT, name: 'a damaged node', dataDir: 'damaged' },
];

/** The node, and beside it everything that the scenes point at. */
function build(): { dir: string; secrets: Secrets } {
  const dir = unpackFresh('guards', 'enc-b');
  const secrets = secretsOf(dir, 'data/n1');
  const kek = readFileSync(join(dir, 'kek.bin'));
  const write = (name: string, bytes: Uint8Array | string): void =>
    writeFileSync(join(dir, name), bytes, { mode: 0o600 });
  write('other.bin', Buffer.alloc(32, 0x5c));
  write('open.bin', kek);
  chmodSync(join(dir, 'open.bin'), 0o644);
  write('line.bin', Buffer.concat([kek, Buffer.from('\n')]));
  write('hex.txt', kek.toString('hex'));
  const sidecar = readFileSync(join(dir, 'encryption', 'keys.json'), 'utf8');
  write('cut.json', sidecar.slice(0, 300));
  const clear = Buffer.from(secrets.keys.get('DEK 1')!).toString('base64');
  write('clear.json', sidecar.replace(/"wrapped": "[^"]+"/, `"wrapped": "${clear}"`));
  cpSync(join(dir, 'data'), join(dir, 'damaged'), { recursive: true });
  damage(join(dir, 'damaged', 'n1'));
  return { dir, secrets };
}

/** A wrong bit in the log behind its cutover, in the store's own log and in a snapshot. */
function damage(group: string): void {
  for (const folder of ['wal', 'fsm.db', 'fsm-snap']) {
    const name = readdirSync(join(group, folder)).findLast((each) =>
      /\.(?:wal|log|fsm)$/.test(each),
    );
    if (name === undefined) continue;
    const bytes = readFileSync(join(group, folder, name));
    const used = bytes.findLastIndex((byte) => byte !== 0);
    bytes[used >> 1]! ^= 0x10;
    writeFileSync(join(group, folder, name), bytes);
  }
}

let outputs = 0;

/** Values for flags that a command cannot do without. */
function valueOf(flag: string, scene: Scene, meta: FlagMeta): string {
  if (meta.options?.[0] !== undefined) return meta.options[0];
  if (/output|target|report|^to$/.test(flag)) return `made-${outputs++}`;
  if (/index|term|limit|cutover|count/.test(flag)) return '1';
  if (flag === 'fsm' || flag === 'payload') return 'data/n1/fsm-snap/0000000000000001.fsm';
  if (flag === 'peers') return 'n1=127.0.0.1:50151';
  if (flag === 'raft-id') return 'n1';
  return scene.dataDir;
}

function argsOf({ meta }: Command, scene: Scene, argument: string): string[] {
  const args: string[] = [];
  const flags = meta.flags ?? {};
  if (flags['data-dir'] !== undefined) args.push('--data-dir', scene.dataDir);
  if (flags['sidecar'] !== undefined && scene.sidecar !== null) {
    args.push('--sidecar', scene.sidecar);
  }
  if (flags['kek'] !== undefined && scene.kek !== null) args.push('--kek', scene.kek);
  for (const [name, flag] of Object.entries(flags)) {
    if (args.includes(`--${name}`) || flag.required !== true) continue;
    args.push(`--${name}`, valueOf(name, scene, flag));
  }
  // What asks for more output without asking for values.
  for (const name of ['entries', 'store-digest', 'bootstrap', 'hexdump', 'verbose']) {
    if (flags[name]?.type === 'boolean') args.push(`--${name}`);
  }
  if (scene !== RIGHT && flags['limit'] !== undefined) args.push('--limit', '50');
  return Object.keys(meta.args ?? {}).length > 0 ? [argument, ...args] : args;
}

/** What a positional argument can name in an encrypted node. */
const ARGUMENTS = ['data/n1', 'encryption/keys.json', 'kek.bin', 'hex.txt', 'clear.json'];

function formsOf({ meta }: Command): string[][] {
  const forms = [[], ['--json']];
  if (meta.flags?.['format'] !== undefined) forms.push(['--format', 'ndjson']);
  return forms;
}

/** A command that is not told of keys meets the same files in every scene that differs in keys. */
function matters({ meta: { flags = {} } }: Command, scene: Scene): boolean {
  if (scene === RIGHT || scene.dataDir !== RIGHT.dataDir) return true;
  if (scene.sidecar !== RIGHT.sidecar && flags['sidecar'] !== undefined) return true;
  return scene.kek !== RIGHT.kek && flags['kek'] !== undefined;
}

describe('commands: nothing leaks', function () {
  this.timeout(600_000);
  let dir = '';
  let secrets: Secrets = { keys: new Map(), values: [] };
  let finder = new LeakFinder(secrets);

  before(() => {
    ({ dir, secrets } = build());
    finder = new LeakFinder(secrets);
    expect(secrets.keys.size).to.equal(5);
    expect(secrets.values.length).to.be.greaterThan(20);
  });

  function leaks({ stdout, stderr }: CliResult): string[] {
    return finder.find(`${stdout}\n${stderr}`);
  }

  it('values that are asked for are found by this test', () => {
    const args = ['encryption', 'rows', '--data-dir', 'data', '--sidecar', 'encryption/keys.json'];
    args.push('--kek', 'kek.bin', '--decrypt', '--in', 'fsm.db', '--format', 'ndjson');
    const run = runCli(args, { cwd: dir });
    expect(run.code).to.equal(0);
    expect(leaks(run).length).to.be.at.least(secrets.values.length - 1);
    const key = Buffer.from(secrets.keys.get('DEK 3')!);
    expect(finder.find(`it is ${key.toString('base64')}`)).to.deep.equal(['DEK 3 as base64']);
    expect(finder.find(key.toString('hex').toUpperCase())).to.deep.equal(['DEK 3 as hex']);
    expect(finder.find(JSON.stringify([...key]))).to.deep.equal(['DEK 3 as decimal']);
    expect(finder.find(`{"x":"${key.toString('latin1')}"}`)).to.deep.equal(['DEK 3 raw']);
    expect(finder.find(key.subarray(20, 26).toString('hex'))).to.deep.equal(['DEK 3 as hex']);
    expect(finder.find(key.subarray(20, 25).toString('hex'))).to.deep.equal([]);
  });

  it('by any command, in any form, in success and failure', async () => {
    const found: string[] = [];
    const tally = { commands: 0, runs: 0, bugs: 0, statuses: new Set<number | null>() };
    for (const command of await commands()) {
      tally.commands++;
      const takesNode = command.meta.flags?.['data-dir'] !== undefined;
      const takesArgument = Object.keys(command.meta.args ?? {}).length > 0;
      const calls: { scene: Scene; argument: string }[] = [];
      const scenes = takesNode ? SCENES.filter((scene) => matters(command, scene)) : [RIGHT];
      for (const scene of scenes) calls.push({ scene, argument: 'data/n1' });
      if (takesArgument) for (const argument of ARGUMENTS) calls.push({ scene: RIGHT, argument });
      for (const [i, { scene, argument }] of calls.entries()) {
        const forms = formsOf(command);
        // Every form over the whole node, then each in turn: the failures share one way out.
        for (const form of i === 0 ? forms : [forms[i % forms.length]!]) {
          const args = [...command.words, ...argsOf(command, scene, argument), ...form];
          const run = runCli(args, { cwd: dir });
          tally.runs++;
          tally.statuses.add(run.code);
          if (run.code === 70) tally.bugs++;
          for (const leak of leaks(run)) found.push(`${args.join(' ')} (${scene.name}): ${leak}`);
        }
      }
    }
    process.stdout.write(
      `      ${tally.commands} commands, ${tally.runs} runs, exit statuses ` +
        `${[...tally.statuses].sort().join(' ')}, ${secrets.values.length} values looked for\n`,
    );
    expect(found.join('\n')).to.equal('');
    expect(tally.runs).to.be.greaterThan(30);
    expect([...tally.statuses]).to.include.members([0, 1, 4]);
    expect(tally.bugs).to.equal(0);
  });
});
