/** `ekv inspect` as an operator runs it. */
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../../support/cli.js';
import { fixtureNames, readExpect, unpackFixture, unpackFresh } from '../../support/fixtures.js';

interface Document {
  readonly verdict: string;
  readonly exitCode: number;
  readonly inputs: readonly { readonly kind: string }[];
  readonly findings: readonly { readonly code: string; readonly file: string | null }[];
  readonly result: Readonly<Record<string, unknown>> & {
    readonly kind: string;
    readonly store?: { readonly keys: number; readonly sha256: string; readonly meta: object };
  };
}

function inspect(...args: string[]): Document {
  const run = runCli(['inspect', ...args, '--json']);
  const document = JSON.parse(run.stdout) as Document;
  expect(document.exitCode).to.equal(run.code);
  return document;
}

function pick(kind: 'nodes', test: (expected: string) => boolean): string {
  const found = fixtureNames(kind).find((name) => test(JSON.stringify(readExpect(kind, name))));
  if (found === undefined) throw new Error('no recorded node of that sort');
  return found;
}

/** Name, size, mtime and bytes of everything below a directory; segments by their log alone. */
function fingerprint(dir: string): string {
  const hash = createHash('sha256');
  const visit = (path: string): void => {
    for (const name of readdirSync(path).sort()) {
      const stats = statSync(join(path, name), { bigint: true });
      hash.update(`${name} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.mode}\n`);
      if (stats.isDirectory()) visit(join(path, name));
      else if (stats.size < 1_000_000n) hash.update(readFileSync(join(path, name)));
    }
  };
  visit(dir);
  return hash.digest('hex');
}

describe('ekv inspect', function () {
  this.timeout(300_000);
  const plain = join(unpackFixture('nodes', fixtureNames('nodes')[0]!), 'n1');
  const encrypted = unpackFixture(
    'nodes',
    pick('nodes', (text) => text.includes('envelope') && !text.includes('ErrRaftUnwrap')),
  );

  it('gives the digest of output.md §5 as result.store', () => {
    for (const name of fixtureNames('pebble').slice(2, 5)) {
      const root = unpackFixture('pebble', name);
      const names = readdirSync(root);
      const dir = names.some((each) => each.startsWith('marker.')) ? root : join(root, names[0]!);
      const expected = readExpect('pebble', name) as { pointsSha256: string; points: number };
      const { result, exitCode } = inspect(dir, '--store-digest');
      expect(result.store!.sha256, name).to.equal(expected.pointsSha256);
      expect(result.store!.keys, name).to.equal(Number(expected.points));
      expect(Object.keys(result.store!)).to.deep.equal(['keys', 'sha256', 'meta']);
      expect(exitCode).to.be.oneOf([0, 3]);
    }
  });

  it('gives the digest of a recorded store before the boot', () => {
    const name = fixtureNames('nodes')[0]!;
    const text = JSON.stringify(readExpect('nodes', name));
    const { result } = inspect(join(plain, 'fsm.db'), '--store-digest');
    expect(text).to.include(result.store!.sha256);
  });

  it('recognises every part of a node', () => {
    const snap = readdirSync(join(plain, 'snap')).at(-1)!;
    const fsm = readdirSync(join(plain, 'fsm-snap')).at(-1)!;
    const segment = readdirSync(join(plain, 'wal')).find((name) => name.endsWith('.wal'))!;
    const kinds: Readonly<Record<string, string>> = {
      [`snap/${snap}`]: 'snap-file',
      [`fsm-snap/${fsm}`]: 'fsm-file',
      [`wal/${segment}`]: 'wal-segment',
      wal: 'wal-dir',
      'fsm.db': 'pebble-dir',
      'etcd-raft-peers.bin': 'peers-file',
      'raft-engine': 'engine-marker',
      '.': 'group-dir',
    };
    const paths = Object.keys(kinds).map((path) => join(plain, path));
    const run = runCli(['inspect', ...paths, '--json']);
    const document = JSON.parse(run.stdout) as {
      inputs: readonly { kind: string }[];
      result: { items: readonly { kind: string }[] };
    };
    expect(run.code).to.equal(0);
    expect(document.inputs.map(({ kind }) => kind)).to.deep.equal(Object.values(kinds));
    expect(document.result.items.map(({ kind }) => kind)).to.deep.equal(Object.values(kinds));
  });

  it('shows ids, purposes and epochs of keys, and with --kek which unwrap', () => {
    const sidecar = join(encrypted, 'encryption', 'keys.json');
    const without = inspect(sidecar).result['keys'] as { id: number; unwraps: null }[];
    expect(without.map(({ unwraps }) => unwraps)).to.deep.equal([null, null]);
    const args = [sidecar, '--kek', join(encrypted, 'kek.bin')];
    const { result, exitCode } = inspect(...args);
    const keys = result['keys'] as { id: number; purpose: string; unwraps: boolean }[];
    expect(keys.map(({ id, unwraps }) => [id, unwraps])).to.deep.equal([
      [1, true],
      [2, true],
    ]);
    expect(exitCode).to.equal(0);
    const { stdout } = runCli(['inspect', ...args, '--hexdump']);
    const { keys: raw } = JSON.parse(readFileSync(sidecar, 'utf8')) as {
      keys: Record<string, { wrapped: string }>;
    };
    for (const { wrapped } of Object.values(raw)) {
      expect(stdout).not.to.include(wrapped.slice(0, 12));
      expect(stdout).not.to.include(Buffer.from(wrapped, 'base64').toString('hex').slice(0, 12));
    }
  });

  it('names the fields of a header in the hexdump', () => {
    const dir = join(plain, 'fsm-snap');
    const path = join(dir, readdirSync(dir).at(-1)!);
    const { stdout } = runCli(['inspect', path, '--hexdump']);
    for (const name of ['header.magic', 'header.ceilingMs', 'store.magic', 'footer.crc32c']) {
      expect(stdout).to.include(name);
    }
    const { result } = inspect(path, '--hexdump');
    const regions = result['regions'] as { offset: string; bytesHex: string }[];
    const bytes = readFileSync(path).toString('hex');
    for (const { offset, bytesHex } of regions) {
      expect(bytes.slice(2 * Number(offset)).startsWith(bytesHex)).to.equal(true);
    }
  });

  it('breaks the bytes of a store down by prefix, and every byte is in one place', () => {
    interface Sizes {
      readonly list: readonly { bytes: string; liveBytes: string; oldBytes: string }[];
    }
    const { result } = inspect(join(plain, 'fsm.db'), '--by-prefix', '--top', '1000');
    const { list } = result['byPrefix'] as Sizes;
    const sum = list.reduce((total, { bytes }) => total + Number(bytes), 0);
    const rows = result['rows'] as { keyBytes: string; valueBytes: string };
    expect(sum).to.equal(Number(rows.keyBytes) + Number(rows.valueBytes));
    expect(list.length).to.be.greaterThan(1);
  });

  it('leaves no trace in what it looks at', () => {
    const dir = unpackFresh('nodes', fixtureNames('nodes')[0]!);
    const before = fingerprint(dir);
    for (const command of ['inspect', 'verify-crc']) {
      expect(runCli([command, join(dir, 'n1'), join(dir, 'n1', 'fsm.db')]).code).to.equal(0);
    }
    expect(fingerprint(dir)).to.equal(before);
  });

  it('prints nothing that looks sound over damage, and the same status in both forms', () => {
    const errors = ['ErrFSMSnapshotFileCRC', 'ErrFSMSnapshotTokenCRC', 'ErrFSMSnapshotTooSmall'];
    const texts = [...errors, 'ErrSnapshotHeaderUnknownMagic', 'ErrFSMSnapshotNotFound'];
    for (const error of texts) {
      const name = pick('nodes', (text) => text.includes(`"names":["${error}"]`));
      const group = join(unpackFixture('nodes', name), 'n1');
      const run = runCli(['inspect', group]);
      expect(run.code, name).to.equal(2);
      expect(run.stdout.split('\n')[0], name).to.match(/^DAMAGED: /);
      expect(run.stdout, name).to.include(error);
      expect(run.stderr, name).to.equal('');
      const document = inspect(group);
      expect(document.exitCode, name).to.equal(2);
      expect(document.verdict).to.equal('damaged');
      for (const { file } of document.findings) {
        expect(file?.startsWith('/') ?? false, `${name}: ${file}`).to.equal(false);
      }
    }
  });
});
