/** A log whose records go back and forth is forged; it may not fill the memory. */
import { expect } from 'chai';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { PROTO_37 } from '../../../src/lib/proto/dialect.js';
import { encodeEntry } from '../../../src/lib/raft/entry.js';
import { RECORD_TYPE } from '../../../src/lib/raft/wal/decoder.js';
import { WalEncoder } from '../../../src/lib/raft/wal/encoder.js';
import { MAX_OVERWRITES, surveyWal } from '../../../src/lib/replay/wal-survey.js';

const NAME = '0000000000000000-0000000000000000.wal';

/** The same entry written again and again; the first one overwrites nothing. */
function overwritten(times: number): { bytes: Buffer; recordBytes: number } {
  const encoder = new WalEncoder(PROTO_37);
  const head = encoder.creation();
  const entry = { type: undefined, term: 1n, index: 1n, data: undefined };
  const data = encodeEntry(entry, PROTO_37);
  const parts = [head];
  for (let i = 0; i <= times; i++) parts.push(encoder.record(RECORD_TYPE.entry, data));
  return { bytes: Buffer.concat(parts), recordBytes: parts[1]!.length };
}

describe('replay: records that overwrite each other', function () {
  this.timeout(60_000);

  it(`are counted up to ${MAX_OVERWRITES}, and the next one ends the reading`, async () => {
    const { bytes, recordBytes } = overwritten(MAX_OVERWRITES + 5);
    const segment = { name: NAME, source: new MemorySource(NAME, bytes) };
    const survey = await surveyWal([segment], PROTO_37, NO_PACE);
    expect(survey.overwrites).to.have.length(MAX_OVERWRITES + 1);
    expect(survey.end).to.include({
      kind: 'corrupt',
      code: 'replay-too-many-overwrites',
      segment: NAME,
    });
    // Five records are left, and the one that was one too many.
    expect(survey.overwrites.at(-1)?.offset).to.equal(bytes.length - 5 * recordBytes);
  });
});
