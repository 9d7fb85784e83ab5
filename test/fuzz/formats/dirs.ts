/** Whole directories: a node's, encrypted or not, and a Pebble database alone. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { concatBytes } from '../../../src/lib/bytes/write.js';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { ToolError } from '../../../src/lib/core/errors.js';
import { kekStateOf, sidecarStateOf } from '../../../src/lib/encryption/guard-inputs.js';
import { predictBoot } from '../../../src/lib/engine/boot.js';
import { NO_ENCRYPTION, type EncryptionInput } from '../../../src/lib/engine/envelopes.js';
import { GENERATIONS, GENERATION_NAMES } from '../../../src/lib/engine/generation.js';
import { openNodeDir } from '../../../src/lib/engine/node-dir.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { MemoryDir } from '../../../src/lib/io/memory-dir.js';
import { openPebble } from '../../../src/lib/pebble/db/pebble-db.js';
import { verifyPebble } from '../../../src/lib/pebble/db/verify.js';
import { crc32c } from '../../../src/lib/checksum/crc32c.js';
import { putU32be } from '../../../src/lib/bytes/write.js';
import type { DirSource } from '../../../src/lib/io/dir-source.js';
import { FaultingDir } from '../../support/faulting-dir.js';
import type { FixtureKind } from '../../support/fixtures.js';
import type { Format } from '../format.js';
import { mutated } from '../mutate.js';
import type { Random } from '../random.js';
import { trees, type Tree } from '../samples.js';
import { walkView } from './snapshot.js';

/** One tree as bytes: count of names, then name length, name, length, content; compressed. */
export function packTree(tree: Tree): Uint8Array {
  const parts: Uint8Array[] = [];
  const u32 = (n: number): void => {
    const four = new Uint8Array(4);
    putU32be(four, 0, n);
    parts.push(four);
  };
  for (const [name, bytes] of tree) {
    const text = Buffer.from(name, 'latin1');
    u32(text.length);
    parts.push(text);
    u32(bytes.length);
    parts.push(bytes);
  }
  return gzipSync(concatBytes(...parts), { level: 1 });
}

export function unpackTree(packed: Uint8Array): Map<string, Uint8Array> {
  const bytes = gunzipSync(packed);
  const tree = new Map<string, Uint8Array>();
  for (let pos = 0; pos < bytes.length;) {
    const nameEnd = pos + 4 + bytes.readUInt32BE(pos);
    const name = bytes.toString('latin1', pos + 4, nameEnd);
    const end = nameEnd + 4 + bytes.readUInt32BE(nameEnd);
    tree.set(name, Uint8Array.from(bytes.subarray(nameEnd + 4, end)));
    pos = end;
  }
  return tree;
}

/** A file of a tree under this name holds the name of one that may not be opened. */
const DENIED = '\u0000denied';

function dirOf(tree: Tree): DirSource {
  const denied = tree.get(DENIED);
  const dir = new MemoryDir('DIR', new Map([...tree].filter(([name]) => name !== DENIED)));
  if (denied === undefined) return dir;
  const name = Buffer.from(denied).toString('latin1').replace(/^.*\//, '');
  return new FaultingDir(dir, (_call, path) => (path.endsWith(`/${name}`) ? 'EACCES' : undefined));
}

type Harm = (tree: Map<string, Uint8Array>, random: Random, others: readonly Tree[]) => void;

function anyFile(tree: ReadonlyMap<string, Uint8Array>, random: Random): string {
  return random.pick([...tree.keys()].sort());
}

/** What goes with the `.fsm` body: its own footer, made right again. */
function resealFsm(bytes: Uint8Array): void {
  if (bytes.length < 4) return;
  putU32be(bytes, bytes.length - 4, crc32c(bytes.subarray(0, bytes.length - 4)));
}

const HARMS: readonly Harm[] = [
  function harmFile(tree, random) {
    const name = anyFile(tree, random);
    const bytes = mutated(tree.get(name) ?? new Uint8Array(0), random);
    if (name.endsWith('.fsm') && random.oneIn(2)) resealFsm(bytes);
    tree.set(name, bytes);
  },
  function harmAgain(tree, random, others) {
    harmOf('harmFile')(tree, random, others);
  },
  function remove(tree, random) {
    if (tree.size > 1) tree.delete(anyFile(tree, random));
  },
  function empty(tree, random) {
    tree.set(anyFile(tree, random), new Uint8Array(0));
  },
  function rename(tree, random) {
    const name = anyFile(tree, random);
    const bytes = tree.get(name);
    if (bytes === undefined) return;
    tree.delete(name);
    const digits = name.replace(/[0-9a-f](?=[^/]*$)/, () => random.pick(['0', '1', '7', 'f', 'z']));
    tree.set(
      random.oneIn(2) ? digits : `${name}.${random.pick(['tmp', 'broken', 'wal', 'snap'])}`,
      bytes,
    );
  },
  function duplicate(tree, random) {
    const name = anyFile(tree, random);
    const bytes = tree.get(name) ?? new Uint8Array(0);
    tree.set(
      name.replace(/\d(?=\D*$)/, () => String(random.below(10))),
      bytes,
    );
  },
  function swap(tree, random) {
    const [a, b] = [anyFile(tree, random), anyFile(tree, random)];
    const kept = tree.get(a);
    tree.set(a, tree.get(b) ?? new Uint8Array(0));
    tree.set(b, kept ?? new Uint8Array(0));
  },
  function splice(tree, random, others) {
    const other = random.pick(others);
    const folder = random.pick(['wal/', 'snap/', 'fsm-snap/', 'fsm.db/', 'etcd-raft']);
    for (const name of tree.keys()) if (name.includes(folder)) tree.delete(name);
    for (const [name, bytes] of other) if (name.includes(folder)) tree.set(name, bytes);
    if (tree.size === 0) tree.set('n1/wal/x', new Uint8Array(0));
  },
  function deny(tree, random) {
    tree.set(DENIED, Buffer.from(anyFile(tree, random), 'latin1'));
  },
  function stranger(tree, random) {
    const name = random.pick([
      'n1/wal/0000.wal',
      'n1/snap/x.snap',
      'n1/fsm-snap/ffffffffffffffff.fsm',
      'n1/raft.db',
      'n1/raft-engine',
      'n1/fsm.db/marker.x',
      'n1/snap/db.tmp1',
      'n1/wal/\n\u001b[31m',
      'n1/fsm.db.restore.1/CURRENT',
      'n1/etcd-raft-state.bin',
      'n1/group-2/wal/0.tmp',
    ]);
    tree.set(name, random.bytes(random.small(64)));
  },
];

function harmOf(name: string): Harm {
  return HARMS.find((harm) => harm.name === name) as Harm;
}

/** A file cannot also be a directory. */
function withoutClashes(tree: Map<string, Uint8Array>): Map<string, Uint8Array> {
  const folders = new Set<string>();
  for (const name of tree.keys()) {
    for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
      folders.add(name.slice(0, at));
    }
  }
  for (const folder of folders) tree.delete(folder);
  return tree;
}

function harmedTree(samples: readonly Tree[], random: Random): Tree {
  const tree = new Map(random.pick(samples));
  for (let n = 1 + random.small(4); n > 0; n--) random.pick(HARMS)(tree, random, samples);
  return withoutClashes(tree);
}

function under(tree: Tree, prefix: string): Map<string, Uint8Array> {
  const out = new Map<string, Uint8Array>();
  for (const [name, bytes] of tree) {
    if (name.startsWith(prefix)) out.set(name.slice(prefix.length), bytes);
  }
  return out;
}

function encryptionIn(tree: Tree): EncryptionInput {
  const keys = tree.get('encryption/keys.json');
  const kek = tree.get('kek.bin');
  if (keys === undefined && kek === undefined) return NO_ENCRYPTION;
  const kekFile = (bytes: Uint8Array) =>
    Object.assign(new MemorySource('kek.bin', bytes), { mode: 0o400 });
  return {
    on: true,
    sidecar: keys ? sidecarStateOf(() => new MemorySource('keys.json', keys)) : { kind: 'missing' },
    kek: kek ? kekStateOf(() => kekFile(kek)) : { kind: 'none' },
    sidecarPath: 'keys.json',
  };
}

async function bootOf(tree: Tree): Promise<string> {
  let word = '';
  const data = under(tree, 'data/');
  const node = openNodeDir(dirOf(data.size > 0 ? data : tree));
  for (const name of GENERATION_NAMES) {
    const report = await predictBoot({
      group: node.group.dir,
      generation: GENERATIONS[name],
      raftId: node.raftId ?? '',
      peers: [{ id: 'n1', address: '127.0.0.1:50051' }],
      bootstrap: true,
      guards: tree.size % 2 === 0,
      encryption: encryptionIn(tree),
      groups: node.processGroups,
      wantDigest: true,
      onEntry: () => undefined,
      nowMs: 1_780_000_000_000n,
      pace: NO_PACE,
    });
    if (report.findings.some(({ message }) => message === '')) throw new Error('an empty finding');
    word = report.verdict;
  }
  return word;
}

async function pebbleOf(tree: Tree): Promise<string> {
  const first = [...tree.keys()].find((name) => /MANIFEST|OPTIONS|\.log$|\.sst$/.test(name)) ?? '';
  const files = under(tree, first.replace(/[^/]*$/, ''));
  const dir = dirOf(files);
  const { refusal } = await verifyPebble(dir, 'full', { report: () => undefined });
  for (const salvage of [true, false]) {
    try {
      const db = openPebble(dir, { salvage });
      try {
        walkView(db, 3000);
        db.rangeKeys();
      } finally {
        db.close();
      }
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
    }
  }
  return refusal?.code ?? 'opens';
}

/** Of trees up to here a case takes a few milliseconds; one in 128 is made of any. */
const SMALL_BYTES = 64 << 10;
const LARGE_ONE_IN = 128;

function sizeOf(tree: Tree): number {
  let bytes = 0;
  for (const file of tree.values()) bytes += file.length;
  return bytes;
}

/** Small ones, mostly; all where none is small. */
function samplesOf(kind: FixtureKind, random: Random): readonly Tree[] {
  const all = trees(kind);
  let small = smallTrees.get(kind);
  if (small === undefined) {
    small = all.filter((tree) => sizeOf(tree) <= SMALL_BYTES);
    smallTrees.set(kind, small);
  }
  return small.length === 0 || random.oneIn(LARGE_ONE_IN) ? all : small;
}

const smallTrees = new Map<FixtureKind, readonly Tree[]>();

function dirFormat(name: string, kind: FixtureKind, run: (tree: Tree) => unknown): Format {
  return {
    name,
    make: (random) => harmedTree(samplesOf(kind, random), random),
    run: (input) => run(input as Tree),
    pack: (input) => packTree(input as Tree),
    unpack: unpackTree,
  };
}

export const DIR_FORMATS: readonly Format[] = [
  dirFormat('node-dir', 'nodes', bootOf),
  dirFormat('guarded-dir', 'guards', bootOf),
  dirFormat('pebble-dir', 'pebble', pebbleOf),
];
