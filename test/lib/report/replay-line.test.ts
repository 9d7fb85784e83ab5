/** The line built in place against the document built of the same record. */
import { expect } from 'chai';
import fc from 'fast-check';
import { DISPOSITIONS, type EntryRecord } from '../../../src/lib/engine/boot-report.js';
import { PAYLOAD_TAGS } from '../../../src/lib/fsm/payload.js';
import type { ReplayDetail, ReplayRecord } from '../../../src/lib/replay/replay-record.js';
import { entryResult } from '../../../src/lib/report/boot-json.js';
import { renderJsonLine } from '../../../src/lib/report/json.js';
import { LineBuffer } from '../../../src/lib/report/line-buffer.js';
import {
  recordResult,
  replayLine,
  ReplayLines,
} from '../../../src/lib/report/views/replay-line.js';
import { fixtureNames, readExpect, unpackFixture } from '../../support/fixtures.js';
import type { RecordedNode } from '../../support/recorded-boot.js';
import { listed } from '../replay/listed-replay.js';
import { recorderCall } from '../../support/recorder-call.js';

const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const few = fc.bigInt({ min: 1n, max: 3n });
const hexText = fc.stringMatching(/^(?:[0-9a-f]{2})*$/, { maxLength: 120 });
const name = fc.oneof(
  fc.constantFrom('wal/0000000000000000-0000000000000000.wal', 'entries', 'ErrWriteConflict'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const orNull = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { freq: 3 });
const names = fc.array(name, { maxLength: 3 });

const record: fc.Arbitrary<ReplayRecord> = fc.record({
  index: u64,
  term: few,
  file: orNull(name),
  offset: orNull(fc.maxSafeNat()),
  entryType: fc.constantFrom('normal', 'confChange', 'confChangeV2', 'unknown'),
  committed: orNull(fc.boolean()),
  disposition: orNull(fc.constantFrom(...DISPOSITIONS)),
  told: fc.boolean(),
  applied: fc.boolean(),
  tag: orNull(fc.constantFrom(...PAYLOAD_TAGS)),
  proposalId: orNull(u64),
  wrapped: fc.boolean(),
  payloadLength: orNull(fc.nat()),
  payloadSha256: orNull(hexText),
  requests: fc.array(
    fc.record({
      phase: fc.constantFrom('raw', 'none', 'prepare', 'commit', 'abort', 'unknown'),
      ts: u64,
      commitTs: orNull(u64),
      mutations: fc.nat(),
      error: orNull(name),
      errorNames: names,
      errorKeyHex: orNull(hexText),
      keyHex: orNull(hexText),
    }),
    { maxLength: 3 },
  ),
  error: orNull(name),
  errorNames: names,
  ceilingMs: orNull(u64),
});

const NO_DETAIL: ReplayDetail = {
  payload: null,
  change: null,
  members: null,
  encryption: null,
  overwrittenBy: null,
  onlyRead: false,
  unreadable: null,
};

describe('report: lines of a replay', () => {
  it('have the fields of entryList, in their order', async () => {
    let lines = 0;
    for (const name of fixtureNames('nodes').filter((_, i) => i % 25 === 0)) {
      const node = readExpect('nodes', name) as RecordedNode;
      const dir = unpackFixture('nodes', name);
      const { records, details } = await listed(recorderCall(dir, 'snapshot-pointer', node));
      for (const [i, record] of records.entries()) {
        const { disposition, committed, ceilingMs } = record;
        if (disposition === null || committed === null) continue;
        const plain = { ...record, disposition, committed, ceilingMs: ceilingMs ?? 0n };
        const detail = { ...details[i]!, change: null, encryption: null, overwrittenBy: null };
        const line = replayLine({ ...record, ceilingMs: ceilingMs ?? 0n }, detail);
        expect(line).to.equal(renderJsonLine(entryResult(plain)));
        lines++;
      }
    }
    expect(lines).to.be.above(500);
  }).timeout(60_000);

  it('parse to the record, whatever stands in it and in the one before', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 12 }), (records) => {
        const out = new LineBuffer();
        const lines = new ReplayLines(out);
        for (const each of records) lines.add(each, NO_DETAIL);
        const expected = records.map((each) => renderJsonLine(entryResult(each as EntryRecord)));
        expect(new TextDecoder().decode(out.take())).to.equal(expected.join(''));
      }),
      { numRuns: 300 },
    );
  });

  it('an array of mutations and where a record was overwritten come last', () => {
    const [each] = fc.sample(record, 1);
    const overwrittenBy = { segment: 'a\u202eb.wal', offset: 7 };
    const values = [{ request: 0, op: 'put', keyHex: '6b', valueLength: 1, valueHex: '76' }];
    const detail = { ...NO_DETAIL, overwrittenBy };
    const line = replayLine(each!, detail, values);
    expect(Object.entries(JSON.parse(line) as object).slice(-2)).to.deep.equal([
      ['overwrittenBy', { file: 'a\u202eb.wal', offset: '7' }],
      ['values', values],
    ]);
    expect(line).to.include('\\u202e');
    expect(recordResult(each!, detail, values)).to.deep.equal(JSON.parse(line));
  });
});
