import { expect } from 'chai';
import fc from 'fast-check';
import { PROTO_36, PROTO_37 } from '../../../../src/lib/proto/dialect.js';
import type { WalSegment } from '../../../../src/lib/raft/wal/decoder.js';
import { EntryData } from '../../../../src/lib/raft/wal/entry-data.js';
import { isRecord, walkFrames } from '../../../../src/lib/raft/wal/frame-walk.js';
import { readAll, type WalContent } from '../../../../src/lib/raft/wal/read-all.js';
import { planRepair } from '../../../../src/lib/raft/wal/repair-plan.js';
import { scanSnapshots } from '../../../../src/lib/raft/wal/snapshot-scan.js';
import { isClean } from '../../../../src/lib/raft/wal/wal-end.js';
import { segmentOf } from './golden-segment.js';
import { dirOfMade, makeLog, openMade, type MadeLog } from './log-maker.js';

const START = { term: 1n, index: 1n };
const dialects = fc.constantFrom(PROTO_36, PROTO_37);
const lengths = fc.array(fc.nat(3000), { minLength: 1, maxLength: 12 });

/** Data without zero bytes: damage is then never taken for a torn sector by accident. */
function logOf(sizes: readonly number[], split: number, zeros = 600): MadeLog {
  const perSegment = split === 0 ? [sizes.length] : [split, sizes.length - split];
  const dataOf = (index: bigint): Uint8Array => {
    const length = sizes[Number(index) - 2] ?? 0;
    return Uint8Array.from({ length }, (_, k) => ((k + Number(index)) % 255) + 1);
  };
  return makeLog({ perSegment, dataOf, zeros }, PROTO_37);
}

function resultOf(segments: readonly WalSegment[], windowBytes: number): unknown {
  const scan = scanSnapshots(segments, PROTO_37, { windowBytes });
  const content = readAll(segments, START, PROTO_37, { windowBytes });
  return [scan, rowsOf(content)];
}

function rowsOf(content: WalContent): unknown {
  return {
    ...content,
    entries: [...content.entries.rows()],
    superseded: content.superseded.length,
  };
}

describe('reading a WAL', () => {
  it('ends clean or torn at any cut of the last segment, and clean after the repair', () => {
    fc.assert(
      fc.property(lengths, fc.nat(), dialects, (sizes, at, dialect) => {
        const log = logOf(sizes, sizes.length >> 1);
        const last = log.segments.at(-1)!;
        const cut = at % (last.bytes.length + 1);
        last.bytes = last.bytes.subarray(0, cut);
        const content = readAll(openMade(log), START, dialect);
        if (isClean(content.end)) return;
        expect(content.end.kind).to.equal('torn');
        const plan = planRepair(openMade(log).at(-1)!, dialect);
        if (plan.kind !== 'cut') throw new Error(plan.kind);
        expect(last.borders).to.include(plan.offset);
        last.bytes = last.bytes.subarray(0, plan.offset);
        const again = readAll(openMade(log), START, dialect);
        expect(isClean(again.end)).to.equal(true);
        expect(again.entries.length).to.equal(content.entries.length);
      }),
      { numRuns: 150 },
    );
  });

  it('does not depend on the window', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 8, max: 5000 }), fc.nat(), (sizes, window, at) => {
        const log = logOf(sizes, sizes.length >> 1);
        const last = log.segments.at(-1)!;
        last.bytes = last.bytes.subarray(0, at % (last.bytes.length + 1));
        const segments = openMade(log);
        expect(resultOf(segments, window)).to.deep.equal(resultOf(segments, 1 << 20));
      }),
      { numRuns: 100 },
    );
  });

  it('detects every flipped bit of a payload', () => {
    fc.assert(
      fc.property(lengths, fc.nat(), fc.nat(7), (sizes, at, bit) => {
        const log = logOf(sizes, 0, 0);
        const made = log.segments[0]!;
        const content = readAll(openMade(log), START, PROTO_37);
        const rows = [...content.entries.rows()].filter(({ dataLength }) => dataLength > 0);
        if (rows.length === 0) return;
        const row = rows[at % rows.length]!;
        made.bytes[row.dataOffset + (at % row.dataLength)]! ^= 1 << bit;
        const end = readAll(openMade(log), START, PROTO_37).end;
        expect(end).to.include({ kind: 'corrupt', offset: row.frameOffset });
      }),
      { numRuns: 100 },
    );
  });

  it('a second reading, unverified as far as the first came, finds the same', () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
    let shortened = 0;
    fc.assert(
      fc.property(lengths, flips, fc.nat(), dialects, (sizes, changes, cut, dialect) => {
        const log = logOf(sizes, sizes.length >> 1);
        const last = log.segments.at(-1)!;
        if (cut % 3 === 0) last.bytes = last.bytes.subarray(0, cut % (last.bytes.length + 1));
        for (const [at, byte] of changes) {
          const made = log.segments[at % log.segments.length]!;
          made.bytes[at % made.bytes.length] = byte;
        }
        const segments = openMade(log);
        const { end } = scanSnapshots(segments, dialect);
        if (end.kind === 'corrupt') return;
        for (let from = 0; from < segments.length; from++) {
          const rest = segments.slice(from);
          const index = BigInt(1 + from * (sizes.length >> 1));
          const plain = readAll(rest, { term: 1n, index }, dialect);
          const again = readAll(rest, { term: 1n, index }, dialect, { verifiedTo: end });
          if (plain.counts.records > 2) shortened++;
          expect(rowsOf(again)).to.deep.equal(rowsOf(plain));
        }
      }),
      { numRuns: 300 },
    );
    expect(shortened).to.be.above(50);
  });

  it('a first segment without its crc record is verified from its own beginning', () => {
    const log = logOf([10, 20, 30, 40], 2);
    const second = log.segments[1]!;
    second.bytes = second.bytes.subarray(second.borders[1]);
    const segments = openMade(log);
    const { end } = scanSnapshots(segments, PROTO_37);
    expect(end.segment).to.equal(segments[1]!.name);
    const start = { term: 1n, index: 3n };
    const plain = readAll(segments.slice(1), start, PROTO_37);
    const again = readAll(segments.slice(1), start, PROTO_37, { verifiedTo: end });
    expect(plain.end).to.include({ code: 'wal-crc-mismatch' });
    expect(rowsOf(again)).to.deep.equal(rowsOf(plain));
  });

  it('points at exactly the data that was written', () => {
    fc.assert(
      fc.property(lengths, fc.nat(), (sizes, split) => {
        const log = logOf(sizes, split % sizes.length);
        const { entries } = readAll(openMade(log), START, PROTO_37);
        const data = new EntryData(dirOfMade(log));
        expect(entries.length).to.equal(sizes.length);
        for (let i = 0; i < entries.length; i++) {
          const bytes = data.read(entries, i);
          expect(bytes.length).to.equal(sizes[i]);
          expect(bytes.every((b, k) => b === ((k + i + 2) % 255) + 1)).to.equal(true);
        }
        data.close();
      }),
      { numRuns: 50 },
    );
  });

  it('takes any bytes for an ending, never for an exception', () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(lengths, flips, dialects, (sizes, changes, dialect) => {
        const log = logOf(sizes, sizes.length >> 1);
        for (const [at, byte] of changes) {
          const made = log.segments[at % log.segments.length]!;
          made.bytes[at % made.bytes.length] = byte;
        }
        scanSnapshots(openMade(log), dialect);
        readAll(openMade(log), START, dialect);
        planRepair(openMade(log).at(-1)!, dialect);
        for (const made of log.segments) {
          let offset = 0;
          for (const frame of walkFrames(segmentOf(made.bytes).source, dialect)) {
            expect(frame.offset).to.equal(offset);
            offset += frame.length;
          }
          expect(offset).to.equal(made.bytes.length);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('the frame walk', () => {
  it('finds every record of a healthy segment in order, then the zeros', () => {
    const log = logOf([10, 2000, 0, 33], 0);
    const frames = [...walkFrames(openMade(log)[0]!.source, PROTO_37)];
    const { borders } = log.segments[0]!;
    expect(frames.map(({ offset }) => offset)).to.deep.equal(borders);
    expect(frames.slice(0, -1).every(({ kind }) => kind === 'ok')).to.equal(true);
    expect(frames.at(-1)).to.deep.equal({ kind: 'zeros', offset: borders.at(-1), length: 600 });
  });

  it('goes on behind a damaged record, whose successors still verify', () => {
    const log = logOf([100, 200, 300], 0);
    const made = log.segments[0]!;
    made.bytes[made.borders[5]! + 50]! ^= 0xff;
    const kinds = [...walkFrames(openMade(log)[0]!.source, PROTO_37)].map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'crc-mismatch')).to.have.length(1);
    expect(kinds.filter((kind) => kind === 'ok')).to.have.length(10);
  });

  it('finds the next frame behind rubbish, and says that it cannot be verified', () => {
    const log = logOf([100, 200, 300], 0);
    const made = log.segments[0]!;
    made.bytes.fill(0xee, made.borders[5], made.borders[6]);
    const frames = [...walkFrames(openMade(log)[0]!.source, PROTO_37)];
    const kinds = frames.map(({ kind }) => kind);
    expect(kinds.slice(5)).to.deep.equal([
      'no-frame',
      'unverified',
      'ok',
      'ok',
      'ok',
      'ok',
      'zeros',
    ]);
    expect(frames[6]!.offset).to.equal(made.borders[6]);
    const entries = frames.filter(isRecord).flatMap(({ entry }) => entry?.index ?? []);
    expect(entries).to.deep.equal([3n, 4n]);
  });

  it('stays linear over lengths made to be read again and again', () => {
    const bytes = new Uint8Array(4 << 20);
    for (let at = 0; at + 40 < bytes.length; at += 24) {
      const rec = (bytes.length - at - 64) & ~7;
      bytes.set([rec, rec >> 8, rec >> 16, 0, 0, 0, 0, 0, 8, 2, 0x10, 1, 0x1a], at);
      const data = rec - 9;
      bytes.set(
        [(data & 127) | 128, ((data >> 7) & 127) | 128, ((data >> 14) & 127) | 128, data >> 21],
        at + 13,
      );
    }
    const frames = [...walkFrames(segmentOf(bytes).source, PROTO_37)];
    expect(frames.reduce((sum, { length }) => sum + length, 0)).to.equal(bytes.length);
  });
});
