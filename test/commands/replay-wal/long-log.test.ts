/** A log so long that two threads list it: no word of it may depend on that. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readRange } from '../../../src/lib/io/byte-source.js';
import { encodeProposal } from '../../../src/lib/raft/proposal.js';
import { runCli, runInShell } from '../../support/cli.js';
import { tempDir } from '../../support/fixtures.js';
import {
  batch,
  del,
  delimited,
  encodeMutation,
  put,
  raw,
  single,
  txn,
} from '../../lib/fsm/request-writer.js';
import { madeLog, type MadeEntry } from '../../lib/replay/made-log.js';

const ENTRIES = 24_000;
/** With a limit, however high, one thread lists them. */
const ONE_THREAD = ['--limit', '100000000'];

function payloadOf(i: number): Uint8Array | undefined {
  const ts = BigInt(i) << 16n;
  if (i % 97 === 0) return Uint8Array.of(0x01, 0xff, 0xff);
  if (i % 5 === 0) return undefined;
  if (i % 3 === 0) return batch(raw(ts, put(`k${i}`, 'v')), raw(ts + 1n, del(`user/${i % 100}`)));
  if (i % 7 === 0)
    return single(txn(2, { primary: `p${i}`, startTs: ts, commitTs: ts + 9n }, put('t', 'x')));
  return single(raw(ts, put(`user/${i}`, 'x'.repeat(i % 1000))));
}

function entryOf(i: number): MadeEntry {
  const index = BigInt(i + 1);
  if (i % 501 === 500) return { index, type: 1, data: Uint8Array.of(0x08, 0x01, 0x18, 0x07) };
  if (i % 777 === 776) return { index, data: new Uint8Array(0) };
  const payload = payloadOf(i);
  return { index, data: payload && encodeProposal(BigInt(i), payload) };
}

/** Overwrites and an uncommitted end included. */
function writeLog(dir: string, more: readonly MadeEntry[] = []): void {
  mkdirSync(dir);
  const entries = Array.from({ length: ENTRIES }, (_, i) => entryOf(i));
  for (const entry of more) entries[Number(entry.index) - 1] = entry;
  const again = entries.slice(-300).map((entry) => Object.assign({}, entry, { term: 2n }));
  const segments = madeLog([...entries, ...again], BigInt(ENTRIES - 50), [9000, 9000]);
  for (const { name, source } of segments) {
    writeFileSync(join(dir, name), readRange(source, 0, source.size));
  }
}

describe('replay-wal: a long log', () => {
  const wal = join(tempDir('long-log'), 'wal');
  before(() => writeLog(wal));

  const list = (...flags: string[]): string => {
    const run = runCli(['replay-wal', wal, '--format', 'ndjson', ...flags]);
    expect(run.code, run.stderr).to.be.oneOf([0, 3]);
    return run.stdout;
  };

  for (const flags of [
    [],
    ['--key-prefix', 'user/7'],
    ['--type', 'superseded,confChange'],
    ['--from-index', '20001', '--values=20'],
    ['--type', 'rotation'],
  ]) {
    it(`is the same by two threads as by one ${flags.join(' ')}`, () => {
      const two = list(...flags);
      expect(two === list(...flags, ...ONE_THREAD)).to.equal(true);
      expect(two.split('\n').at(-2)).to.include('"type":"summary"');
    }).timeout(60_000);
  }

  it('has every record', () => {
    const lines = list().trimEnd().split('\n');
    expect(lines.length).to.equal(ENTRIES + 300 + 1);
    const summary = JSON.parse(lines.at(-1)!) as Record<string, unknown>;
    expect(summary).to.include({ inLog: ENTRIES + 300, matched: ENTRIES + 300 });
  }).timeout(60_000);

  it('ends with the same error where an entry goes beyond a limit', () => {
    const dir = join(tempDir('long-log'), 'wal');
    const mutation = delimited(4, encodeMutation(del('k')));
    const beyond = Buffer.alloc(mutation.length * ((1 << 20) + 1), mutation);
    const data = encodeProposal(9n, Buffer.concat([single(raw(1n)), beyond]));
    // The first pieces go to the thread.
    writeLog(dir, [{ index: 300n, data }]);
    const [two, one] = [[], ONE_THREAD].map((flags) =>
      runCli(['replay-wal', dir, '--format', 'ndjson', ...flags]),
    );
    expect(two!.code).to.equal(one!.code);
    for (const { stdout } of [two!, one!]) {
      const listed = stdout.split('\n').filter((line) => line.startsWith('{"type":"entry"'));
      const indexes = listed.map((line) => (JSON.parse(line) as { index: string }).index);
      expect(indexes).to.deep.equal(indexes.map((_, i) => String(i + 1)));
      expect(indexes.length, 'nothing from behind it').to.be.lessThan(300);
    }
    const ending = two!.stdout.split('\n').at(-2)!;
    expect(JSON.parse(ending)).to.include({ type: 'summary' });
    expect(ending).to.include('limit-exceeded').and.equal(one!.stdout.split('\n').at(-2));
  }).timeout(60_000);

  it('ends quietly when the reader goes away', () => {
    const run = runInShell(`$EKV replay-wal ${wal} --format ndjson | head -1`);
    expect(run.stderr).to.equal('');
    expect(JSON.parse(run.stdout)).to.include({ type: 'entry', index: '1' });
  }).timeout(60_000);
});
