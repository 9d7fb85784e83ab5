import { expect } from 'chai';
import { UnsupportedError } from '../../../src/lib/core/errors.js';
import { checkFsm, type FsmCheck } from '../../../src/lib/snapshot/crc-check.js';
import { inspectFsm } from '../../../src/lib/snapshot/inspect.js';
import {
  be64,
  bundle,
  expectedPairs,
  hexOf,
  latin1,
  le64,
  manifestJson,
  manifestOf,
  pairsOf,
  sourceOf,
  tableOf,
  type BundleTable,
  type Pair,
} from './build.js';

const LOW: Pair[] = [
  ['_meta_applied_index', le64(40)],
  ['_meta_last_commit_ts', le64(1)],
  ['a', latin1('one')],
];
const HIGH: Pair[] = [
  ['b', latin1('two')],
  ['bb', Buffer.alloc(0)],
  ['c', latin1('three')],
];
const TABLES = [tableOf(LOW), tableOf(HIGH)];
const U64_MAX = 2n ** 64n - 1n;

function good(): Record<string, unknown> {
  return { ...manifestOf(TABLES), applied_index: '@12' };
}

function restore(payload: Uint8Array, chunkBytes = 1 << 20): Promise<FsmCheck> {
  return checkFsm(sourceOf(payload), { mode: 'restore', container: false, chunkBytes });
}

async function codeOf(payload: Uint8Array): Promise<string> {
  const { failure, restored } = await restore(payload);
  expect(restored === undefined).to.equal(failure !== undefined);
  if (failure) expect(failure.stage).to.equal('payload');
  return failure === undefined ? 'passes' : `${failure.nodeErrors.join()}|${failure.code}`;
}

/** The bundle with a manifest changed in one place. */
function changed(change: Record<string, unknown>, tables = TABLES): Buffer {
  return bundle(manifestJson({ ...good(), ...change }), tables);
}

function changedFile(i: number, change: Record<string, unknown>): Buffer {
  const manifest = good();
  const files = manifest['files'] as Record<string, unknown>[];
  files[i] = { ...files[i], ...change };
  return bundle(manifestJson(manifest), TABLES);
}

const BAD_MANIFEST = '|fsm-bundle-manifest';

describe('SST bundle', () => {
  it('becomes its tables under the numbers of the manifest', async () => {
    const { restored, failure } = await restore(bundle(manifestJson(good()), TABLES));
    expect(failure).to.equal(undefined);
    expect(restored?.meta).to.deep.equal({
      lastCommitTs: U64_MAX,
      minRetainedTs: 5n,
      pendingMinRetainedTs: 0n,
      appliedIndex: 12n,
    });
    const over: Pair[] = [
      ['_meta_applied_index', le64(12)],
      ['_meta_last_commit_ts', le64(U64_MAX)],
      ['_meta_min_retained_ts', le64(5)],
      ['_meta_pending_min_retained_ts', le64(0)],
    ];
    const want = expectedPairs([...LOW, ...HIGH], over);
    const view = restored!.view!;
    expect(pairsOf(view)).to.deep.equal(want);
    for (const [key, value] of want) {
      const name = Buffer.from(key, 'hex').toString('latin1');
      expect(hexOf(view.get(name)!)).to.equal(value);
      const cursor = view.cursor();
      expect(cursor.seek(name)).to.equal(true);
      expect(hexOf(cursor.key)).to.equal(key);
    }
    expect(view.get('ab')).to.equal(undefined);
    expect(view.cursor().seek('ab')).to.equal(true);
    expect(view.cursor().seek('d')).to.equal(false);
  });

  it('may be without files', async () => {
    for (const files of [[], null]) {
      const json = manifestJson({ ...good(), files, total_file_bytes: 0 });
      const { restored, failure } = await restore(bundle(json, []));
      expect(failure).to.equal(undefined);
      expect(pairsOf(restored!.view!).length).to.equal(4);
    }
  });

  it('takes the manifest as Go does: names without case, the last one, null as nothing', async () => {
    const text = manifestJson(good()).toString('utf8');
    const odd = text
      .replace('"version":1', '"Version":7,"VERSION":1,"version":null')
      .replace('"files"', '"Fileſ"');
    expect(await codeOf(bundle(Buffer.from(odd), TABLES))).to.equal('passes');
    expect(await codeOf(bundle(Buffer.from(` ${text}\n`), TABLES))).to.equal('passes');
  });

  it('refuses a manifest that breaks a rule', async () => {
    const text = manifestJson(good()).toString('utf8');
    const broken = [
      changed({ version: 2 }),
      changed({ version: 0 }),
      changed({ version: '1' }),
      changed({ version: '@1.0' }),
      changed({ extra: 1 }),
      changed({ last_commit_ts: '@18446744073709551616' }),
      changed({ last_commit_ts: '@-1' }),
      changed({ min_retained_ts: '@1e3' }),
      changed({ total_file_bytes: 1 }),
      changed({ files: {} }),
      changedFile(0, { name: '000001.sst' }),
      changedFile(1, { name: '1.sst' }),
      changedFile(0, { size: 0 }),
      changedFile(0, { size: -1 }),
      changedFile(0, { sha256: 'ab' }),
      changedFile(0, { sha256: 'g'.repeat(64) }),
      changedFile(0, { smallest: '' }),
      changedFile(0, { largest: null }),
      changedFile(0, { smallest: 'YQ' }),
      changedFile(0, { smallest: latin1('b').toString('base64') }),
      changedFile(1, { smallest: latin1('a').toString('base64') }),
      changedFile(1, { other: 1 }),
      bundle(Buffer.from(`${text}{}`), TABLES),
      bundle(Buffer.from(text.slice(0, -1)), TABLES),
      bundle(Buffer.from('[]'), TABLES),
      bundle(Buffer.from('null'), TABLES),
    ];
    for (const [i, payload] of broken.entries()) {
      expect(await codeOf(payload), `case ${i}`).to.equal(BAD_MANIFEST);
    }
  });

  it('limits the manifest to 1 byte … 64 MiB', async () => {
    for (const length of [0n, -1n, (64n << 20n) + 1n]) {
      const head = Buffer.concat([latin1('EKVSSTI1'), be64(BigInt.asUintN(64, length))]);
      expect(await codeOf(head)).to.equal(BAD_MANIFEST);
    }
    const most = Buffer.concat([latin1('EKVSSTI1'), be64(64n << 20n), Buffer.alloc(32)]);
    expect(await codeOf(most)).to.equal('|fsm-payload-cut');
  });

  it('checks the SHA-256 of the manifest and of each file', async () => {
    const payload = bundle(manifestJson(good()), TABLES);
    const inManifest = Buffer.from(payload);
    inManifest[60]! ^= 1;
    expect(await codeOf(inManifest)).to.equal('|fsm-bundle-sha256');
    const inFile = Buffer.from(payload);
    inFile[payload.length - 70]! ^= 1;
    expect(await codeOf(inFile)).to.equal('|fsm-bundle-sha256');
    const files = manifestOf(TABLES)['files'] as { sha256: string }[];
    const upper = changedFile(0, { sha256: files[0]!.sha256.toUpperCase() });
    expect(await codeOf(upper)).to.equal('|fsm-bundle-sha256');
  });

  it('fails at every truncation and at a byte too many', async () => {
    const payload = bundle(manifestJson(good()), TABLES);
    for (let n = 8; n < payload.length; n++) {
      const code = await codeOf(payload.subarray(0, n));
      expect(code, `${n} bytes`).to.match(/^(UnexpectedEOF)?\|fsm-payload-cut$/);
    }
    const more = Buffer.concat([payload, Buffer.of(0)]);
    expect(await codeOf(more)).to.equal('|fsm-bundle-trailing');
  });

  it('wants the metadata to read back equal to the manifest', async () => {
    const without = bundle(manifestJson(manifestOf(TABLES)), TABLES);
    expect(await codeOf(without)).to.equal('|fsm-bundle-meta');
    const short = [tableOf([['_meta_applied_index', Buffer.alloc(7)]]), TABLES[1]!];
    expect(await codeOf(bundle(manifestJson(manifestOf(short)), short))).to.equal('passes');
  });

  it('refuses a table that cannot be read', async () => {
    const junk: BundleTable = { ...TABLES[0]!, bytes: Buffer.alloc(100, 7) };
    const tables = [junk, TABLES[1]!];
    expect(await codeOf(bundle(manifestJson(manifestOf(tables)), tables))).to.equal(
      '|fsm-bundle-table',
    );
  });

  it('does not predict what becomes of tables that no node writes', async () => {
    const odd: BundleTable[] = [
      tableOf(LOW, 5n),
      { ...TABLES[0]!, largest: 'aa' },
      { ...TABLES[0]!, smallest: '_' },
    ];
    for (const table of odd) {
      const json = manifestJson({ ...manifestOf([table]), applied_index: 1 });
      let error: unknown;
      await restore(bundle(json, [table])).catch((e: unknown) => (error = e));
      expect(error).to.be.instanceOf(UnsupportedError);
      expect((error as UnsupportedError).code).to.equal('fsm-bundle-foreign');
    }
  });

  it('gives the same store for every chunk size', async () => {
    const payload = bundle(manifestJson(good()), TABLES);
    const want = pairsOf((await restore(payload)).restored!.view!);
    for (const chunkBytes of [1, 3, 64, 1000]) {
      expect(pairsOf((await restore(payload, chunkBytes)).restored!.view!)).to.deep.equal(want);
    }
  });

  it('is counted when it is inspected', async () => {
    const source = sourceOf(bundle(manifestJson(good()), TABLES));
    const report = await inspectFsm(source, { container: false });
    expect(report.payload?.rows).to.deep.include({ pairs: 6, meta: 2, short: 4 });
    expect(report.findings).to.deep.equal([]);
  });
});
