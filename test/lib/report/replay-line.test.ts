/** The line built in place against the document built of the same record. */
import { expect } from 'chai';
import { entryResult } from '../../../src/lib/report/boot-json.js';
import { renderJsonLine } from '../../../src/lib/report/json.js';
import { replayLine } from '../../../src/lib/report/views/replay-line.js';
import { fixtureNames, readExpect, unpackFixture } from '../../support/fixtures.js';
import type { RecordedNode } from '../../support/recorded-boot.js';
import { listed } from '../replay/listed-replay.js';
import { recorderCall } from '../../support/recorder-call.js';

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
});
