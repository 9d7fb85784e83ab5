import { expect } from 'chai';
import fc from 'fast-check';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { PROTO_37 } from '../../../src/lib/proto/dialect.js';
import type { WalSegment } from '../../../src/lib/raft/wal/decoder.js';
import { WalRows } from '../../../src/lib/replay/wal-rows.js';
import { surveyWal } from '../../../src/lib/replay/wal-survey.js';
import { cutTo, leaseData, madeLog } from './made-log.js';

interface Row {
  readonly index: bigint;
  readonly position: number;
  /** Position of the record that overwrote it; -1 for one that stands. */
  readonly by: number;
}

/** Straight from the sentence: a later record with an index that is not above removes a record. */
function model(indexes: readonly bigint[]): Row[] {
  const rows = indexes.map((index, position) => ({
    index,
    position,
    by: indexes.findIndex((later, j) => j > position && later <= index),
  }));
  return rows.sort((a, b) =>
    a.index < b.index ? -1 : a.index > b.index ? 1 : a.position - b.position,
  );
}

async function read(segments: readonly WalSegment[]): Promise<Row[]> {
  const survey = await surveyWal(segments, PROTO_37, NO_PACE);
  const positions = new Map<string, number>();
  const rows: { index: bigint; site: string; position: number; by: string | null }[] = [];
  const reader = new WalRows(segments, PROTO_37, survey);
  for (let row = reader.next(); row !== undefined; row = reader.next()) {
    // The lease's value is the position counted from 1.
    const position = row.data[17]! + row.data[16]! * 256 - 1;
    expect(Buffer.from(row.data).equals(leaseData(position + 1))).to.equal(true);
    const site = `${row.segment} ${row.offset}`;
    positions.set(site, position);
    const { overwrittenBy } = row;
    const by = overwrittenBy === null ? null : `${overwrittenBy.segment} ${overwrittenBy.offset}`;
    rows.push({ index: row.index, site, position, by });
  }
  return rows.map(({ index, position, by }) => ({
    index,
    position,
    by: by === null ? -1 : positions.get(by)!,
  }));
}

const indexes = fc.array(fc.bigInt({ min: 1n, max: 12n }), { maxLength: 40 });
const cuts = fc.array(fc.nat(12), { maxLength: 3 });

describe('replay: rows of a log', () => {
  it('stand in index order, each record once, with what overwrote it', async () => {
    await fc.assert(
      fc.asyncProperty(indexes, cuts, async (list, perSegment) => {
        const segments = madeLog(
          list.map((index) => ({ index })),
          3n,
          perSegment,
        );
        expect(await read(segments)).to.deep.equal(model(list));
      }),
    );
  });

  it('a rising log has neither overwrites nor falls nor gaps', async () => {
    const list = Array.from({ length: 300 }, (_, i) => ({ index: BigInt(i + 1) }));
    const segments = madeLog(list, 300n, [100, 100]);
    const survey = await surveyWal(segments, PROTO_37, NO_PACE);
    expect(survey.overwrites).to.deep.equal([]);
    expect([survey.first, survey.last, survey.entries]).to.deep.equal([1n, 300n, 300]);
    expect([survey.termFalls, survey.gap, survey.end.kind]).to.deep.equal([
      null,
      null,
      'preallocated',
    ]);
    expect((await read(segments)).length).to.equal(300);
  });

  it('names a gap, a fall of the term, an overwrite of what was committed', async () => {
    const segments = madeLog(
      [
        { index: 1n, term: 2n },
        { index: 2n, term: 2n },
        { index: 4n, term: 2n },
        { index: 5n, term: 1n },
      ],
      5n,
    );
    const survey = await surveyWal(segments, PROTO_37, NO_PACE);
    expect(survey.gap).to.include({ after: 2n, index: 4n });
    expect(survey.termFalls).to.include({ index: 5n, count: 1 });
  });

  it('a log torn anywhere in its last record reads as the log without it', async () => {
    const list = Array.from({ length: 9 }, (_, i) => ({ index: BigInt((i % 5) + 1) }));
    const whole = madeLog(list, 5n);
    const size = whole[0]!.source.size;
    const all = await surveyWal(whole, PROTO_37, NO_PACE);
    let torn = 0;
    for (let at = size - 1; at > size - 600 && at >= 0; at--) {
      const segments = cutTo(whole, at);
      const survey = await surveyWal(segments, PROTO_37, NO_PACE);
      expect(survey.entries).to.be.at.most(all.entries);
      const rows = await read(segments);
      expect(rows).to.deep.equal(model(list.slice(0, survey.entries).map(({ index }) => index)));
      if (survey.end.kind !== 'torn') continue;
      torn++;
      const shorter = cutTo(whole, survey.end.offset);
      expect(await read(shorter)).to.deep.equal(rows);
    }
    expect(torn).to.be.above(50);
  });
});
