/**
 * Damaged WALs, `.snap` files and Pebble directories, made by seed and number alone, so that the
 * answers of etcd's and Pebble's own libraries can be recorded once and compared everywhere
 * (tools/oracle-damage, record-damage.ts).
 */
import { createHash } from 'node:crypto';
import { mutated } from '../../fuzz/mutate.js';
import { resealedSnap, resealedWal } from '../../fuzz/formats/raft.js';
import { Random } from '../../fuzz/random.js';
import { trees, type Tree } from '../../fuzz/samples.js';
import { wireSnap, wireWal } from './wire-damage.js';

/** `…-wire`: made for what etcd's two protobuf libraries judge differently. */
export const DAMAGE_KINDS = ['wal', 'wal-wire', 'snap', 'snap-wire', 'pebble'] as const;
export type DamageKind = (typeof DAMAGE_KINDS)[number];

export interface DamageCase {
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Of all names and bytes: recorded with the answer, so that a drift is noticed. */
  readonly sha256: string;
}

const SEED = 934;
const COUNT: Readonly<Record<DamageKind, number>> = {
  wal: 600,
  'wal-wire': 600,
  snap: 300,
  'snap-wire': 400,
  pebble: 240,
};
const MAX_DIR_BYTES = 2 << 20;

function digestOf(files: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256');
  for (const [name, bytes] of files) hash.update(`${name} ${bytes.length}\n`).update(bytes);
  return hash.digest('hex').slice(0, 16);
}

/** What lies directly below the folder that matches, by name. */
function below(tree: Tree, folder: RegExp): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const [path, bytes] of [...tree].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const name = folder.exec(path)?.[1];
    if (name !== undefined) files.set(name, bytes);
  }
  return files;
}

type SampledKind = Exclude<DamageKind, `${string}-wire`>;

const FOLDERS: Readonly<Record<SampledKind, RegExp>> = {
  wal: /(?:^|\/)n1\/wal\/([^/]+\.wal)$/,
  snap: /(?:^|\/)n1\/snap\/([^/]+\.snap)$/,
  pebble: /^[^/]+\/([^/]+)$/,
};

function sizeOf(files: ReadonlyMap<string, Uint8Array>): number {
  let size = 0;
  for (const bytes of files.values()) size += bytes.length;
  return size;
}

function sourcesOf(kind: SampledKind): ReadonlyMap<string, Uint8Array>[] {
  const all = trees(kind === 'pebble' ? 'pebble' : 'nodes').map((tree) =>
    below(tree, FOLDERS[kind]),
  );
  return all.filter((files) => files.size > 0 && sizeOf(files) <= MAX_DIR_BYTES);
}

const RESEALED: Readonly<
  Record<SampledKind, ((seed: Uint8Array, random: Random) => Uint8Array) | undefined>
> = { wal: resealedWal, snap: resealedSnap, pebble: undefined };

/** @param seed, count  others than the recorded ones, for `differ-damage.ts` */
export function* damageCases(
  kind: DamageKind,
  seed = SEED,
  count = COUNT[kind],
): Generator<DamageCase> {
  const make = makerOf(kind);
  for (let ordinal = 0; ordinal < count; ordinal++) {
    const files = make(new Random(seed, ordinal));
    yield { name: `${kind}-${ordinal}`, files, sha256: digestOf(files) };
  }
}

function makerOf(kind: DamageKind): (random: Random) => ReadonlyMap<string, Uint8Array> {
  if (kind === 'wal-wire') return wireWal;
  if (kind === 'snap-wire') return wireSnap;
  const sources = sourcesOf(kind);
  return (random) => harmedSample(kind, random, sources);
}

function harmedSample(
  kind: SampledKind,
  random: Random,
  sources: readonly ReadonlyMap<string, Uint8Array>[],
): ReadonlyMap<string, Uint8Array> {
  const resealed = RESEALED[kind];
  const files = new Map(random.pick(sources));
  const names = [...files.keys()];
  if (kind === 'snap') for (const name of names.slice(1)) files.delete(name);
  const name = kind === 'snap' ? (names[0] ?? '') : random.pick(names);
  const sound = files.get(name) ?? new Uint8Array(0);
  const asWritten = resealed !== undefined && names.length === 1 && !random.oneIn(3);
  files.set(name, asWritten ? resealed(sound, random) : mutated(sound, random));
  return files;
}
