/** Rows of the damage catalogue (spec/etcd-wal.md §9.1), made from a healthy log of three segments. */
import { expect } from 'chai';
import { PROTO_36, PROTO_37, type ProtoDialect } from '../../../../src/lib/proto/dialect.js';
import { readAll, writeModeError } from '../../../../src/lib/raft/wal/read-all.js';
import { planRepair, scanCutLoss } from '../../../../src/lib/raft/wal/repair-plan.js';
import { scanSnapshots } from '../../../../src/lib/raft/wal/snapshot-scan.js';
import {
  isSelectionRefusal,
  listWal,
  selectSegments,
} from '../../../../src/lib/raft/wal/segment-name.js';
import { dirOfMade, makeLog, mixedData, openMade, type MadeLog } from './log-maker.js';

const START = { term: 1n, index: 1n };
const BARE = 'walpb: crc mismatch';

interface Boot {
  readonly scan: string;
  readonly valid: number;
  /** Error of the first read, of the repair, of the second read. */
  readonly error: string | undefined;
  readonly cut: number | undefined;
  readonly last: number;
  readonly commit: number;
}

/** §6.4 steps 1, 3 and 4 for snapshot (1,1). */
function boot(log: MadeLog, dialect: ProtoDialect): Boot {
  const segments = openMade(log);
  const scan = scanSnapshots(segments, dialect);
  const told = { scan: 'ok', valid: scan.valid.length, cut: undefined, last: 0, commit: 0 };
  if (scan.end.kind === 'corrupt') {
    return { ...told, scan: scan.end.nodeError, error: scan.end.nodeError };
  }
  let content = readAll(segments, START, dialect);
  let cut: number | undefined;
  if (content.end.kind === 'torn') {
    const plan = planRepair(segments.at(-1)!, dialect);
    if (plan.kind === 'refuse') {
      return { ...told, error: `WAL unrepairable: ${content.end.nodeError}` };
    }
    if (plan.kind === 'cut') {
      cut = plan.offset;
      const last = log.segments.at(-1)!;
      last.bytes = last.bytes.subarray(0, cut);
    }
    content = readAll(openMade(log), START, dialect);
    const again = writeModeError(content);
    if (again !== undefined) {
      return { ...told, cut, error: `WAL unrepairable after repair: ${again}` };
    }
  }
  return {
    ...told,
    cut,
    error: writeModeError(content),
    last: content.entries.length + 1,
    commit: Number(content.hardState.commit ?? 0n),
  };
}

const healthy = (dialect: ProtoDialect): MadeLog =>
  makeLog({ perSegment: [6, 6, 6], dataOf: mixedData, zeros: 4096 }, dialect);

/** A border of the segment: that of its k-th record, negative from the end. */
const border = (log: MadeLog, segment: number, k: number): number =>
  log.segments[segment]!.borders.at(k)!;

function patch(log: MadeLog, segment: number, change: (bytes: Uint8Array) => void): MadeLog {
  const made = log.segments[segment]!;
  made.bytes = Uint8Array.from(made.bytes);
  change(made.bytes);
  return log;
}

function cutAt(log: MadeLog, segment: number, size: number): MadeLog {
  const made = log.segments[segment]!;
  made.bytes = made.bytes.subarray(0, size);
  return log;
}

for (const dialect of [PROTO_36, PROTO_37]) {
  describe(`damage to a WAL read by ${dialect.name}`, () => {
    it('is not seen in a healthy log', () => {
      expect(boot(healthy(dialect), dialect)).to.deep.equal({
        scan: 'ok',
        valid: 2,
        error: undefined,
        cut: undefined,
        last: 19,
        commit: 18,
      });
    });

    it('1: a cut inside the last record or length field loses that record', () => {
      const log = healthy(dialect);
      const start = border(log, 2, -3);
      for (let size = start + 1; size < border(log, 2, -2); size++) {
        const result = boot(cutAt(healthy(dialect), 2, size), dialect);
        expect(result).to.include({ cut: start, error: undefined, last: 18 });
      }
    });

    it('2: a cut behind a record passes unnoticed', () => {
      const log = healthy(dialect);
      const result = boot(cutAt(log, 2, border(log, 2, -3)), dialect);
      expect(result).to.include({ cut: undefined, error: undefined, last: 18, commit: 17 });
    });

    it('3: a zero sector in a record loses it and everything behind it', () => {
      const big = (index: bigint): Uint8Array =>
        index === 16n ? new Uint8Array(3000).fill(0x61) : mixedData(index);
      const log = makeLog({ perSegment: [6, 6, 6], dataOf: big, zeros: 512 }, dialect);
      const at = border(log, 2, 3 + 2 * (16 - 14));
      patch(log, 2, (bytes) => bytes.fill(0, Math.ceil(at / 512 + 1) * 512, at + 2500));
      const segment = openMade(log)[2]!;
      const plan = planRepair(segment, dialect);
      if (plan.kind !== 'cut') throw new Error(plan.kind);
      expect(plan).to.include({ offset: at, brokenCopy: `${segment.name}.broken` });
      const loss = scanCutLoss(segment, plan, dialect, 17n);
      expect(loss).to.include({
        intact: 7,
        damaged: 1,
        entries: 4,
        lowestIndex: 16n,
        highestIndex: 19n,
        committed: 2,
      });
      expect(loss.hardState?.commit).to.equal(18n);
      expect(boot(log, dialect)).to.include({ cut: at, error: undefined, last: 15, commit: 14 });
    });

    it('4, 11: wrong bits in data or in the stored CRC refuse, with position', () => {
      const at = border(healthy(dialect), 2, -3);
      for (const offset of [at + 11, at + 40]) {
        const log = patch(healthy(dialect), 2, (bytes) => (bytes[offset]! ^= 0x10));
        expect(boot(log, dialect).scan).to.match(new RegExp(`^${BARE}: .* at position: ${at}$`));
      }
    });

    it('5: rot in a record with a legitimate zero piece cuts it away', () => {
      const zeros = (index: bigint): Uint8Array =>
        index === 18n ? new Uint8Array(1500) : mixedData(index);
      const log = makeLog({ perSegment: [6, 6, 6], dataOf: zeros, zeros: 512 }, dialect);
      expect(boot(log, dialect)).to.include({ error: undefined, last: 19 });
      const at = border(log, 2, 3 + 2 * (18 - 14));
      patch(log, 2, (bytes) => (bytes[at + 9] = 3));
      const result = boot(log, dialect);
      // The type is not covered: the record is now a hard state, and reads as such.
      expect(result.cut).to.equal(undefined);
      const rotten = makeLog({ perSegment: [6, 6, 6], dataOf: zeros, zeros: 512 }, dialect);
      patch(rotten, 2, (bytes) => (bytes[at + 30]! ^= 1));
      expect(boot(rotten, dialect)).to.include({ cut: at, last: 17 });
    });

    it('6: a length beyond the file cuts there', () => {
      const at = border(healthy(dialect), 2, 5);
      const log = patch(healthy(dialect), 2, (bytes) => (bytes[at + 3] = 0x7f));
      expect(boot(log, dialect)).to.include({ cut: at, error: undefined });
    });

    it('7: a zero length field in the middle of the last segment ends the log', () => {
      const at = border(healthy(dialect), 2, 5);
      const log = patch(healthy(dialect), 2, (bytes) => bytes.fill(0, at, at + 8));
      expect(boot(log, dialect)).to.include({ cut: undefined, error: undefined, last: 14 });
    });

    it('9: bits 59 to 62 of a length field are ignored', () => {
      const at = border(healthy(dialect), 2, 5);
      const log = patch(healthy(dialect), 2, (bytes) => (bytes[at + 7]! |= 0x78));
      const result = boot(log, dialect);
      expect(result).to.include({ error: undefined, last: 19 });
    });

    it('10: an unknown type passes the scan and refuses the read', () => {
      const at = border(healthy(dialect), 2, 3);
      const log = patch(healthy(dialect), 2, (bytes) => (bytes[at + 9] = 6));
      expect(boot(log, dialect)).to.include({ scan: 'ok', error: 'unexpected block type 6' });
    });

    it('10: an entry read as snapshot is minded by 3.6 only', () => {
      const at = border(healthy(dialect), 2, 3);
      const log = patch(healthy(dialect), 2, (bytes) => (bytes[at + 9] = 5));
      const result = boot(log, dialect);
      if (dialect === PROTO_37) expect(result.scan).to.equal('ok');
      else expect(result.scan).to.match(/^unmarshal should never fail \(proto: wrong wireType = /);
    });

    it('10: an entry read as metadata is dropped, and the next one does not fit', () => {
      const at = border(healthy(dialect), 2, 3);
      const log = patch(healthy(dialect), 2, (bytes) => (bytes[at + 9] = 1));
      expect(boot(log, dialect).error).to.match(/^wal: slice bounds out of range, /);
      const first = patch(healthy(dialect), 1, (bytes) => {
        bytes[border(healthy(dialect), 1, 3) + 9] = 1;
      });
      expect(boot(first, dialect).error).to.match(/slice bounds|conflicting metadata/);
      const last = patch(healthy(dialect), 1, (bytes) => {
        bytes[border(healthy(dialect), 1, -3) + 9] = 1;
      });
      expect(boot(last, dialect).error).to.equal('wal: conflicting metadata found');
    });

    it('10: an entry read as crc breaks the chain', () => {
      const at = border(healthy(dialect), 2, 3);
      const log = patch(healthy(dialect), 2, (bytes) => (bytes[at + 9] = 4));
      expect(boot(log, dialect).scan).to.equal(BARE);
    });

    it('12: garbage behind the first zero length field is ignored', () => {
      const end = border(healthy(dialect), 2, -1);
      const log = patch(healthy(dialect), 2, (bytes) => bytes.fill(0xaa, end + 8));
      expect(boot(log, dialect)).to.include({ error: undefined, last: 19 });
    });

    it('13: an empty last segment boots without its records', () => {
      const log = cutAt(healthy(dialect), 2, 0);
      expect(boot(log, dialect)).to.include({ error: undefined, last: 13 });
    });

    it('13: a segment without crc record, read first, mismatches at 0 and is unrepairable', () => {
      const log = healthy(dialect);
      const made = log.segments[2]!;
      made.bytes = made.bytes.subarray(border(log, 2, 3));
      const [segment] = openMade({ ...log, segments: [made] });
      const content = readAll([segment!], { term: 2n, index: 13n }, dialect);
      expect(content.end).to.include({ kind: 'corrupt', offset: 0 });
      expect(writeModeError(content)).to.match(/at position: 0$/);
      expect(planRepair(segment!, dialect).kind).to.equal('refuse');
    });

    it('14, 15: a wrong crc record is refused where it is not the first on disk', () => {
      const later = patch(healthy(dialect), 1, (bytes) => (bytes[11]! ^= 1));
      expect(boot(later, dialect).scan).to.equal(BARE);
      const first = patch(healthy(dialect), 0, (bytes) => (bytes[11]! ^= 1));
      expect(boot(first, dialect).scan).to.match(/^walpb: crc mismatch: expected: 0 .*: 16$/);
    });

    it('16: an older segment cut inside a record stops the scan, and repair does not help', () => {
      const at = border(healthy(dialect), 1, -3);
      const log = cutAt(healthy(dialect), 1, at + 20);
      const result = boot(log, dialect);
      expect(result).to.include({ scan: 'ok', cut: undefined });
      expect(result.error).to.match(/^WAL unrepairable after repair: unexpected EOF/);
    });

    it('17: an older segment cut behind a record, or with a zero length, breaks the chain', () => {
      const at = border(healthy(dialect), 1, -3);
      expect(boot(cutAt(healthy(dialect), 1, at), dialect).scan).to.equal(BARE);
      const zero = patch(healthy(dialect), 1, (bytes) => bytes.fill(0, at, at + 8));
      expect(boot(zero, dialect).scan).to.equal(BARE);
      expect(scanSnapshots(openMade(zero), dialect).skipped).to.deep.equal([
        {
          segment: zero.segments[1]!.name,
          offset: at,
          bytes: zero.segments[1]!.bytes.length - at,
        },
      ]);
    });

    it('19, 20, 23: a missing segment breaks the chain, unless it is the newest', () => {
      const log = healthy(dialect);
      const without = (i: number): MadeLog => ({
        ...log,
        segments: log.segments.filter((_, k) => k !== i),
      });
      expect(boot(without(1), dialect).scan).to.equal(BARE);
      expect(boot(without(2), dialect)).to.include({ error: undefined, last: 13 });
      const listing = listWal(dirOfMade(without(0)));
      expect(selectSegments(listing.segments, 1n)).to.include({
        code: 'wal-no-segment-for-snapshot',
      });
    });

    it('27: a zero-byte segment 0 alone boots with nothing', () => {
      const log = cutAt(makeLog({ perSegment: [1], dataOf: mixedData }, dialect), 0, 0);
      expect(boot(log, dialect)).to.deep.equal({
        scan: 'ok',
        valid: 0,
        error: undefined,
        cut: undefined,
        last: 1,
        commit: 0,
      });
      expect(isSelectionRefusal(selectSegments(listWal(dirOfMade(log)).segments, 0n))).to.equal(
        false,
      );
    });
  });
}
