/** Sound files to start from: the recorded fixtures, read into memory once a process. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { FileSource } from '../../src/lib/io/file-source.js';
import { fixtureNames, FIXTURES, unpackFresh, type FixtureKind } from '../support/fixtures.js';

/** Paths below the fixture's root, with `/`. */
export type Tree = ReadonlyMap<string, Uint8Array>;

const CHUNK = 1 << 20;
/** What is kept of the zeros that a segment is preallocated with. */
const KEPT_ZEROS = 4096;

/** Segments, and the one that waits beside them. */
const PREALLOCATED = /\.wal$|wal\/0\.tmp$/;

/** A file without the zeros at its end, but for some: a WAL segment has 64 MB of them. */
function readTrimmed(path: string): Uint8Array {
  const source = new FileSource(path);
  const parts: Buffer[] = [];
  for (let offset = 0; offset < source.size; offset += CHUNK) {
    const part = Buffer.alloc(Math.min(CHUNK, source.size - offset));
    source.readAt(offset, part);
    if (PREALLOCATED.test(path) && part.every((byte) => byte === 0)) break;
    parts.push(part);
  }
  source.close();
  const bytes = Buffer.concat(parts);
  if (!PREALLOCATED.test(path)) return bytes;
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return Buffer.concat([bytes.subarray(0, end), Buffer.alloc(KEPT_ZEROS)]);
}

function treeOf(kind: FixtureKind, name: string): Tree {
  const root = unpackFresh(kind, name);
  const tree = new Map<string, Uint8Array>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    tree.set(relative(root, path), readTrimmed(path));
  }
  rmSync(root, { recursive: true });
  return tree;
}

const MOST = { nodes: 48, pebble: 100, guards: 100 } as const;
const known = new Map<FixtureKind, readonly Tree[]>();

/** Of the recorded nodes an even sample, of the others all. */
export function trees(kind: FixtureKind): readonly Tree[] {
  let found = known.get(kind);
  if (found === undefined) {
    const names = fixtureNames(kind);
    const step = Math.max(Math.floor(names.length / MOST[kind]), 1);
    found = names.filter((_, i) => i % step === 0).map((name) => treeOf(kind, name));
    known.set(kind, found);
  }
  return found;
}

/** Every file whose path matches, shortest first, at most `most` and none above `maxBytes`. */
export function filesLike(path: RegExp, most = 40, maxBytes = 128 << 10): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const kind of ['nodes', 'pebble', 'guards'] as const) {
    for (const tree of trees(kind)) {
      for (const [name, bytes] of tree) {
        if (path.test(name) && bytes.length <= maxBytes) found.push(bytes);
      }
    }
  }
  found.sort((a, b) => a.length - b.length);
  const step = Math.max(Math.floor(found.length / most), 1);
  return found.filter((_, i) => i % step === 0);
}

/** Tables and blob files that Pebble wrote for the tests; those named `tiny` have a few blocks. */
export function pebbleFiles(name: RegExp): Uint8Array[] {
  const dir = join(FIXTURES, 'sstables');
  const names = readdirSync(dir).filter((file) => name.test(file));
  return names.sort().map((file) => readFileSync(join(dir, file)));
}

interface Vector {
  readonly kind: string;
  readonly in: Readonly<Record<string, unknown>>;
  readonly out?: Readonly<Record<string, unknown>>;
}

/** Every text in the spec's vectors that is hex and stands under one of these names. */
export function vectorBytes(...names: readonly string[]): Uint8Array[] {
  const found: Uint8Array[] = [];
  const visit = (value: unknown, name: string): void => {
    if (typeof value === 'string') {
      if (names.includes(name) && /^(?:[0-9a-f]{2})+$/.test(value)) {
        found.push(Buffer.from(value, 'hex'));
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        visit(inner, Array.isArray(value) ? name : key);
      }
    }
  };
  for (const file of ['vectors.json', 'edge-vectors.json']) {
    const text = readFileSync(join(FIXTURES, 'spec', file), 'utf8');
    for (const vector of (JSON.parse(text) as { vectors: Vector[] }).vectors) visit(vector, '');
  }
  return found;
}
