/** Entries that no honest client sends, in logs whose CRCs are right. */
import { expect } from 'chai';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { concatBytes } from '../../../src/lib/bytes/write.js';
import { NO_ENVELOPES } from '../../../src/lib/engine/envelopes.js';
import { PROTO_36, PROTO_37 } from '../../../src/lib/proto/dialect.js';
import { encodeProposal } from '../../../src/lib/raft/proposal.js';
import {
  Completing,
  type ReplayDetail,
  type ReplayRecord,
} from '../../../src/lib/replay/replay-record.js';
import { replayLog, type LogReplay } from '../../../src/lib/replay/replay-log.js';
import { replayLine } from '../../../src/lib/report/views/replay-line.js';
import { replayText } from '../../../src/lib/report/views/replay-text.js';
import { delimited, put, raw, single, varint } from '../fsm/request-writer.js';
import { madeLog, type MadeEntry } from './made-log.js';

interface Read {
  readonly replay: LogReplay;
  readonly records: ReplayRecord[];
  readonly texts: string[];
}

async function read(entries: readonly MadeEntry[], dialect = PROTO_37): Promise<Read> {
  const records: ReplayRecord[] = [];
  const texts: string[] = [];
  const sink = {
    add: (record: ReplayRecord, detail: ReplayDetail): void => {
      records.push(record);
      texts.push(replayText(record, detail));
      expect(JSON.parse(replayLine(record, detail))).to.include({ type: 'entry' });
    },
  };
  const replay = await replayLog(
    {
      segments: madeLog(entries, BigInt(entries.length)),
      dialect,
      opener: { envelopes: NO_ENVELOPES },
      fileOf: (name) => name,
      pace: NO_PACE,
    },
    new Completing(sink),
  );
  return { replay, records, texts };
}

function proposal(payload: Uint8Array): MadeEntry {
  return { index: 1n, data: encodeProposal(7n, payload) };
}

describe('replay: hostile entries', () => {
  it('a payload that does not parse has its tag and no requests', async () => {
    const lengths = [0xffn, 0xffff_ffffn, 1n << 40n, (1n << 63n) - 1n, (1n << 64n) - 1n];
    for (const length of lengths) {
      const absurd = concatBytes(Uint8Array.of(0x01, 0x0a), varint(length), Uint8Array.of(1, 2));
      const { records, texts } = await read([proposal(absurd)]);
      expect(records[0]).to.include({ tag: 'batch', disposition: null });
      expect(records[0]!.requests).to.deep.equal([]);
      expect(texts[0]).to.include('does not parse');
    }
  });

  it('100,000 mutations in one entry are one line', async () => {
    const many = Array.from({ length: 100_000 }, (_, i) => put(`k${i}`, ''));
    const { records, texts } = await read([proposal(single(raw(5n, ...many)))]);
    expect(records[0]!.requests[0]).to.include({ mutations: 100_000, keyHex: '6b30' });
    expect(texts[0]!.length).to.be.below(200);
  });

  it('a conf change that does not parse is shown with why', async () => {
    for (const dialect of [PROTO_36, PROTO_37]) {
      for (const type of [1, 2]) {
        const cut = delimited(4, new Uint8Array(9)).subarray(0, 5);
        const { records, texts } = await read([{ index: 1n, type, data: cut }], dialect);
        expect(records[0]!.disposition).to.equal('conf-change');
        expect(texts[0]).to.match(/unreadable: /);
      }
    }
  });

  it('an unknown entry type advances the counter and nothing else', async () => {
    const { records } = await read([{ index: 1n, type: 77, data: Uint8Array.of(1, 2, 3) }]);
    expect(records[0]).to.include({ entryType: 'unknown', disposition: 'not-a-proposal' });
  });

  it('what only a data dir can tell is null, and the finding says so', async () => {
    const { replay, records } = await read([
      { index: 1n, data: new Uint8Array(0) },
      { index: 2n, data: Uint8Array.of(9) },
      { index: 3n },
      { index: 3n },
    ]);
    expect(records.map(({ disposition }) => disposition)).to.deep.equal([
      'empty',
      'not-a-proposal',
      'superseded',
      null,
    ]);
    expect(records.every(({ ceilingMs, told }) => ceilingMs === null && !told)).to.equal(true);
    expect(replay.findings.map(({ code }) => code)).to.include('replay-without-data-dir');
    const sum = Object.values(replay.counts).reduce((a, b) => a + b, 0);
    expect([sum, replay.inLog]).to.deep.equal([4, 4]);
  });
});
