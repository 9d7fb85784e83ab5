/** The recorded dirs of `test/fixtures`, unpacked once a process into a temp dir that goes with it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { untar } from '../../src/lib/io/untar.js';

export type FixtureKind = 'nodes' | 'guards' | 'pebble';

/** Root of the repository: compiled tests run from `<root>/<outDir>/test/support`. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');
export const FIXTURES = join(ROOT, 'test', 'fixtures');

let tempRoot: string | undefined;

/** A fresh directory below this process's temp root. */
export function tempDir(label: string): string {
  if (tempRoot === undefined) {
    tempRoot = mkdtempSync(join(tmpdir(), 'ekv-test-'));
    const root = tempRoot;
    process.on('exit', () => rmSync(root, { recursive: true, force: true }));
  }
  return mkdtempSync(join(tempRoot, `${label}-`));
}

export function fixtureNames(kind: FixtureKind): string[] {
  const suffix = '.tar.gz';
  const names = readdirSync(join(FIXTURES, kind)).filter((name) => name.endsWith(suffix));
  return names.map((name) => name.slice(0, -suffix.length)).sort();
}

/** Path and number of users: a suite that drops its copy must not take another's away. */
const unpacked = new Map<string, { readonly dir: string; users: number }>();

/** The fixture's own directory (`…/n1` lies in it). Shared: tests that change files take a fresh one. */
export function unpackFixture(kind: FixtureKind, name: string): string {
  const key = `${kind}/${name}`;
  const known = unpacked.get(key);
  if (known !== undefined) {
    known.users++;
    return known.dir;
  }
  const dir = unpackFresh(kind, name);
  unpacked.set(key, { dir, users: 1 });
  return dir;
}

export function unpackFresh(kind: FixtureKind, name: string): string {
  const dir = tempDir(name);
  untar(join(FIXTURES, kind, `${name}.tar.gz`), dir);
  return dir;
}

/** Drops the unpacked copy, so that a suite over all fixtures keeps one at a time on the disk. */
export function dropFixture(kind: FixtureKind, name: string): void {
  const key = `${kind}/${name}`;
  const known = unpacked.get(key);
  if (known === undefined || --known.users > 0) return;
  rmSync(known.dir, { recursive: true, force: true });
  unpacked.delete(key);
}

export function readExpect(kind: FixtureKind, name: string): unknown {
  return JSON.parse(readFileSync(join(FIXTURES, kind, `${name}.expect.json`), 'utf8'));
}
