/** What is kept of a scan is what reading the log again says, or it is nothing. */
import { expect } from 'chai';
import fc from 'fast-check';
import { FsDir } from '../../../../src/lib/io/file-source.js';
import { PROTO_36, PROTO_37, type ProtoDialect } from '../../../../src/lib/proto/dialect.js';
import type { WalSegment } from '../../../../src/lib/raft/wal/decoder.js';
import { WalEncoder } from '../../../../src/lib/raft/wal/encoder.js';
import { openSegments, closeSegments } from '../../../../src/lib/raft/wal/open-segments.js';
import {
  readAll,
  type SnapshotPosition,
  type WalContent,
} from '../../../../src/lib/raft/wal/read-all.js';
import { ScanLedger } from '../../../../src/lib/raft/wal/scan-ledger.js';
import { listWal } from '../../../../src/lib/raft/wal/segment-name.js';
import { scanSnapshots } from '../../../../src/lib/raft/wal/snapshot-scan.js';
import { fixtureNames, unpackFixture } from '../../../support/fixtures.js';
import { segmentOf } from './golden-segment.js';

function shown({ entries, superseded, ...content }: WalContent): object {
  // Which segment it is depends on how many were read.
  const rows = [...entries.rows()].map((row, i) =>
    Object.assign({}, row, { segment: entries.segments[row.segment], mark: entries.markAt(i) }),
  );
  return { ...content, rows, superseded: superseded.length };
}

/** @returns whether the log was kept */
function agree(
  segments: readonly WalSegment[],
  dialect: ProtoDialect,
  start: SnapshotPosition,
  selected: number,
): boolean {
  const ledger = new ScanLedger(segments);
  const scan = scanSnapshots(segments, dialect, {}, [ledger]);
  const kept = ledger.content(scan, start, selected);
  if (kept === undefined) return false;
  const again = readAll(segments.slice(-selected), start, dialect);
  expect(shown(kept)).to.deep.equal(shown(again));
  return true;
}

type Step =
  | { readonly kind: 'entry'; readonly jump: number; readonly length: number }
  | { readonly kind: 'state' | 'metadata' | 'other-metadata' | 'unknown' | 'bad-entry' }
  | { readonly kind: 'snapshot'; readonly index: number; readonly term: number }
  | { readonly kind: 'zeros' | 'segment' };

const entry: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('entry' as const),
  // Mostly the next index; at times one before it or behind a gap.
  jump: fc.oneof({ weight: 60, arbitrary: fc.constant(0) }, fc.constantFrom(-2, -1, 1, 5)),
  length: fc.nat(40),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: entry },
  { weight: 5, arbitrary: fc.constant<Step>({ kind: 'state' }) },
  { weight: 3, arbitrary: fc.constant<Step>({ kind: 'segment' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'metadata' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('snapshot' as const),
      index: fc.nat(12),
      term: fc.constantFrom(1, 1, 1, 2),
    }),
  },
);
const seldom: fc.Arbitrary<Step> = fc
  .constantFrom<Step['kind']>('other-metadata', 'unknown', 'bad-entry', 'zeros')
  .map((kind) => ({ kind }) as Step);
const steps = fc
  .tuple(fc.array(step, { maxLength: 40 }), fc.array(seldom, { maxLength: 1 }), fc.nat())
  .map(([many, few, at]) => many.slice(0, at % 41).concat(few, many.slice(at % 41)));

/** @param firstIndex  of the first entry */
function written(list: readonly Step[], firstIndex: bigint): WalSegment[] {
  const encoder = new WalEncoder(PROTO_37);
  const segments: WalSegment[] = [];
  let parts: Uint8Array[] = [encoder.crcRecord(), encoder.metadata()];
  let next = firstIndex;
  const cut = (): void => {
    segments.push(segmentOf(Buffer.concat(parts), `${segments.length}.wal`));
    parts = [encoder.crcRecord(), encoder.metadata()];
  };
  for (const one of list) {
    if (one.kind === 'entry') {
      const index = next + BigInt(one.jump) < 1n ? 1n : next + BigInt(one.jump);
      const data = new Uint8Array(one.length).fill(one.length + 1);
      parts.push(encoder.entry({ type: undefined, term: 1n, index, data }));
      next = index + 1n;
    } else if (one.kind === 'state') {
      parts.push(encoder.hardState({ term: 1n, vote: 1n, commit: next - 1n }));
    } else if (one.kind === 'snapshot') {
      const at = { index: BigInt(one.index), term: BigInt(one.term), confState: undefined };
      parts.push(encoder.snapshot(at));
    } else if (one.kind === 'metadata') parts.push(encoder.metadata());
    else if (one.kind === 'other-metadata') parts.push(encoder.record(1, Uint8Array.of(9)));
    else if (one.kind === 'unknown') parts.push(encoder.record(77, Uint8Array.of(1)));
    else if (one.kind === 'bad-entry') parts.push(encoder.record(2, Uint8Array.of(0xff)));
    else if (one.kind === 'zeros') parts.push(new Uint8Array(16));
    else cut();
  }
  cut();
  return segments;
}

describe('raft: what a scan keeps of a log', () => {
  it('is what reading it again says', () => {
    let kept = 0;
    let asked = 0;
    fc.assert(
      fc.property(
        steps,
        fc.constantFrom(1n, 5n, (1n << 32n) - 3n, (1n << 40n) + 7n),
        fc.nat(14),
        fc.constantFrom(1n, 1n, 2n),
        fc.nat(),
        fc.constantFrom(PROTO_36, PROTO_37),
        (list, first, index, term, from, dialect) => {
          const segments = written(list, first);
          const base = first > 100n ? first - 5n : 0n;
          const start = { index: base + BigInt(index), term };
          asked++;
          const selected = 1 + (from % segments.length);
          if (agree(segments, dialect, start, selected)) kept++;
        },
      ),
      { numRuns: 3000, seed: 4711 },
    );
    expect(kept / asked).to.be.greaterThan(0.2);
  }).timeout(60_000);

  it('is nothing where records were overwritten, are missing, odd or unreadable', () => {
    const plain: Step[] = [1, 2, 3].map(() => ({ kind: 'entry', jump: 0, length: 5 }));
    const asked = (...more: Step[]): boolean => {
      const segments = written([...plain, ...more, ...plain], 1n);
      return agree(segments, PROTO_37, { index: 0n, term: 0n }, segments.length);
    };
    expect(asked()).to.equal(true);
    expect(asked({ kind: 'entry', jump: -1, length: 1 }), 'overwritten').to.equal(false);
    expect(asked({ kind: 'entry', jump: 1, length: 1 }), 'missing').to.equal(false);
    for (const kind of ['other-metadata', 'unknown', 'bad-entry'] as const) {
      expect(asked({ kind }), kind).to.equal(false);
    }
    expect(asked({ kind: 'snapshot', index: 0, term: 3 }), 'another term').to.equal(false);
  });

  it('is nothing of more segments than rows can name', () => {
    const many = Array.from({ length: 0x1_0000 }, (_, i) => segmentOf(new Uint8Array(0), `${i}`));
    expect(agree(many, PROTO_37, { index: 0n, term: 0n }, 1)).to.equal(false);
  });

  it('agrees with every recorded log', () => {
    let kept = 0;
    let logs = 0;
    for (const name of fixtureNames('nodes')) {
      const group = new FsDir(`${unpackFixture('nodes', name)}/n1`);
      if (group.stat('wal')?.kind !== 'directory') continue;
      const wal = group.dir('wal');
      const segments = openSegments(wal, listWal(wal).segments);
      try {
        for (const dialect of [PROTO_36, PROTO_37]) {
          const starts = [{ index: 0n, term: 0n }, ...scanSnapshots(segments, dialect).valid];
          for (const { index, term } of starts) {
            for (let selected = 1; selected <= segments.length; selected++) {
              logs++;
              if (agree(segments, dialect, { index, term }, selected)) kept++;
            }
          }
        }
      } finally {
        closeSegments(segments);
      }
    }
    expect(kept / logs).to.be.greaterThan(0.2);
  }).timeout(300_000);
});
