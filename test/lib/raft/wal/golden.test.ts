import { expect } from 'chai';
import { hex } from '../../../../src/lib/bytes/hex.js';
import { PROTO_36, PROTO_37, type ProtoDialect } from '../../../../src/lib/proto/dialect.js';
import { confStateOfVoters } from '../../../../src/lib/raft/conf-state.js';
import { BARE_CRC_MISMATCH, WalDecoder } from '../../../../src/lib/raft/wal/decoder.js';
import { WalEncoder } from '../../../../src/lib/raft/wal/encoder.js';
import {
  readAll,
  readModeError,
  writeModeError,
  type WalContent,
} from '../../../../src/lib/raft/wal/read-all.js';
import { planRepair } from '../../../../src/lib/raft/wal/repair-plan.js';
import { SEGMENT_BYTES } from '../../../../src/lib/raft/wal/segment-name.js';
import { scanSnapshots } from '../../../../src/lib/raft/wal/snapshot-scan.js';
import { scanTail } from '../../../../src/lib/raft/wal/tail.js';
import {
  GOLDEN_CRCS_36,
  GOLDEN_CRCS_37,
  GOLDEN_END,
  GOLDEN_HEAD,
  GOLDEN_NAME,
  GOLDEN_OFFSETS,
  goldenFile,
  segmentOf,
} from './golden-segment.js';

/** The calls of §2.7 made again. */
function written(dialect: ProtoDialect): { bytes: Uint8Array; crcs: number[]; offsets: number[] } {
  const encoder = new WalEncoder(dialect);
  const parts: Uint8Array[] = [];
  const crcs: number[] = [];
  const offsets: number[] = [];
  const put = (make: () => Uint8Array): void => {
    offsets.push(encoder.bytesWritten);
    parts.push(make());
    crcs.push(encoder.crc);
  };
  put(() => encoder.crcRecord());
  put(() => encoder.metadata());
  put(() => encoder.snapshot({ index: 0n, term: 0n, confState: undefined }));
  put(() => encoder.snapshot({ index: 1n, term: 1n, confState: confStateOfVoters([7n]) }));
  put(() => encoder.hardState({ term: 1n, vote: undefined, commit: 1n }));
  for (const index of [2n, 3n, 4n]) {
    const data = Buffer.from(`payload-${index}-${'a'.repeat(16)}`);
    put(() => encoder.entry({ type: undefined, term: 2n, index, data }));
    put(() => encoder.hardState({ term: 2n, vote: 7n, commit: index - 1n }));
  }
  return { bytes: Buffer.concat(parts), crcs, offsets };
}

const at = (term: bigint, index: bigint): { term: bigint; index: bigint } => ({ term, index });
const indexesOf = (content: WalContent): number[] =>
  [...content.entries.rows()].map(({ index }) => Number(index));

function stateText(content: WalContent): string {
  const { term, vote, commit } = content.hardState;
  return `${term}/${vote}/${commit}`;
}

describe('the golden segment', () => {
  it('is written byte for byte as etcd 3.7 does', () => {
    const { bytes, crcs, offsets } = written(PROTO_37);
    expect(hex(bytes)).to.equal(hex(GOLDEN_HEAD));
    expect(crcs).to.deep.equal(GOLDEN_CRCS_37);
    expect(offsets).to.deep.equal(GOLDEN_OFFSETS);
  });

  it('is written with the offsets and CRCs of etcd 3.6', () => {
    const { crcs, offsets } = written(PROTO_36);
    expect(crcs).to.deep.equal(GOLDEN_CRCS_36);
    expect(offsets).to.deep.equal(GOLDEN_OFFSETS);
  });

  it('is read back record by record', () => {
    const decoder = new WalDecoder([segmentOf(goldenFile())], PROTO_37);
    const seen: [number, number, number][] = [];
    while (decoder.next()) {
      if (decoder.type === 4) expect(decoder.acceptCrcRecord()).to.equal(true);
      seen.push([decoder.frameOffset, decoder.type, decoder.crc]);
    }
    const types = [4, 1, 5, 5, 3, 2, 3, 2, 3, 2, 3];
    const expected = GOLDEN_OFFSETS.map((offset, i) => [offset, types[i], GOLDEN_CRCS_37[i]]);
    expect(seen).to.deep.equal(expected);
    expect(decoder.end).to.deep.equal({
      kind: 'preallocated',
      segment: GOLDEN_NAME,
      offset: GOLDEN_END,
    });
  });

  it('begins a second segment with the running CRC, metadata and the hard state', () => {
    const encoder = new WalEncoder(PROTO_37, 0x2d5c4e41);
    const head = encoder.continuation({ term: 2n, vote: 7n, commit: 51n });
    expect(hex(head)).to.equal(
      '0800000000000000080410c19cf1ea02' +
        '0800000000000000080110c19cf1ea02' +
        '1000000000000000080310bab3cead0f1a06080210071833',
    );
  });
});

interface Outcome {
  readonly scan: string;
  readonly read: string;
  readonly readError: string | undefined;
  readonly writeError: string | undefined;
  readonly repair: string;
}

function outcomeOf(bytes: Uint8Array, dialect: ProtoDialect, start = at(1n, 1n)): Outcome {
  const segment = segmentOf(bytes);
  const scan = scanSnapshots([segment], dialect);
  const content = readAll([segment], start, dialect);
  const plan = planRepair(segment, dialect);
  return {
    scan:
      scan.end.kind === 'corrupt'
        ? scan.end.nodeError
        : scan.valid.map(({ term, index }) => `(${term},${index})`).join(','),
    read: `${stateText(content)} ${indexesOf(content).join(' ')}`,
    readError: readModeError(content),
    writeError: writeModeError(content),
    repair: plan.kind === 'cut' ? `cut ${plan.offset}` : plan.kind,
  };
}

describe('measured outcomes (spec §2.7)', () => {
  const BOTH = '(0,0),(1,1)';
  const WHOLE = '2/7/3 2 3 4';
  const clean = { readError: undefined, writeError: undefined };
  const torn = { readError: undefined, writeError: 'unexpected EOF' };
  const changed = (...writes: [number, number][]): Uint8Array => {
    const bytes = goldenFile();
    for (const [offset, byte] of writes) bytes[offset] = byte;
    return bytes;
  };

  for (const dialect of [PROTO_36, PROTO_37]) {
    describe(`under ${dialect.name}`, () => {
      it('reads the undamaged file to its zeros', () => {
        const outcome = outcomeOf(goldenFile(), dialect);
        expect(outcome).to.deep.equal({ scan: BOTH, read: WHOLE, ...clean, repair: 'nothing' });
      });

      it('cuts a file of 347 bytes to 328, and then reads 2/7/2', () => {
        const bytes = goldenFile().subarray(0, 347);
        const outcome = outcomeOf(bytes, dialect);
        const read = '2/7/2 2 3 4';
        expect(outcome).to.deep.equal({ scan: BOTH, read, ...torn, repair: 'cut 328' });
        const after = outcomeOf(bytes.subarray(0, 328), dialect);
        expect(after).to.deep.equal({ scan: BOTH, read, ...clean, repair: 'nothing' });
      });

      it('cuts three stray bytes behind the last record', () => {
        const bytes = Buffer.concat([GOLDEN_HEAD, Buffer.of(4, 0, 0)]);
        const outcome = outcomeOf(bytes, dialect);
        expect(outcome).to.deep.equal({ scan: BOTH, read: WHOLE, ...torn, repair: 'cut 352' });
      });

      it('refuses a flipped bit in the data', () => {
        const bytes = changed([292, GOLDEN_HEAD[292]! ^ 0x40]);
        const text =
          `${BARE_CRC_MISMATCH}: expected: 8b0dae5d computed: f7804128: ` +
          `in file '${GOLDEN_NAME}' at position: 272`;
        const { scan, readError, writeError, repair } = outcomeOf(bytes, dialect);
        expect({ scan, readError, writeError, repair }).to.deep.equal({
          scan: text,
          readError: text,
          writeError: text,
          repair: 'refuse',
        });
      });

      it('cuts a length field that only zeros follow', () => {
        const outcome = outcomeOf(changed([352, 0x10]), dialect);
        expect(outcome).to.deep.equal({ scan: BOTH, read: WHOLE, ...torn, repair: 'cut 352' });
      });

      it('cuts a length beyond the file', () => {
        const outcome = outcomeOf(changed([352, 0xff], [356, 0x7f]), dialect);
        expect(outcome.writeError).to.equal(
          'unexpected EOF: [wal] max entry size limit exceeded when reading ' +
            `"${GOLDEN_NAME}", recBytes: 545460846847, fileSize(64000000) - offset(352) - ` +
            'padBytes(0) = entryLimit(63999648)',
        );
        expect(outcome.repair).to.equal('cut 352');
        expect(outcome.read).to.equal(WHOLE);
      });

      it('does not see bytes behind the first zero length field, and reports them', () => {
        const bytes = changed([368, 0xaa], [369, 0xbb]);
        const outcome = outcomeOf(bytes, dialect);
        expect(outcome).to.deep.equal({ scan: BOTH, read: WHOLE, ...clean, repair: 'nothing' });
        const { source } = segmentOf(bytes);
        expect(scanTail(source, 352)).to.deep.equal({ from: 368, to: 370, count: 2 });
        expect(scanTail(segmentOf(goldenFile()).source, 352)).to.equal(undefined);
      });

      it('judges a record that claims too many data bytes', () => {
        const outcome = outcomeOf(changed([265, 0x7f]), dialect);
        if (dialect === PROTO_36) {
          expect(outcome).to.include({ ...torn, scan: BOTH, repair: 'cut 248' });
        } else {
          const text = 'proto: cannot parse invalid wire-format data';
          const told = { scan: text, readError: text, writeError: text, repair: 'refuse' };
          expect(outcome).to.include(told);
        }
      });

      it('reads for other snapshots', () => {
        const bytes = goldenFile();
        const read = outcomeOf(bytes, dialect, at(2n, 3n));
        expect(read.read).to.equal('2/7/3 4');
        expect(read.readError).to.equal('wal: snapshot not found');
        expect(read.writeError).to.equal(undefined);
        const term = outcomeOf(bytes, dialect, at(9n, 1n));
        expect(term.writeError).to.equal('wal: snapshot mismatch');
        const none = outcomeOf(bytes, dialect, at(0n, 0n));
        expect(none.writeError).to.equal(
          'wal: slice bounds out of range, snapshot[Index: 0, Term: 0], ' +
            'current entry[Index: 2, Term: 2], len(ents): 0',
        );
      });

      it('applies the torn test to whole zeroed sectors only', () => {
        const sector = (from: number): Uint8Array => {
          const encoder = new WalEncoder(PROTO_37);
          encoder.creation();
          encoder.crc = GOLDEN_CRCS_37[4]!;
          const data = Uint8Array.from({ length: 4000 }, (_, k) => (k % 250) + 1);
          const entry = encoder.entry({ type: undefined, term: 1n, index: 2n, data });
          const bytes = new Uint8Array(SEGMENT_BYTES);
          bytes.set(GOLDEN_HEAD.subarray(0, 0x70));
          bytes.set(entry, 0x70);
          bytes.fill(0, from, 2560);
          return bytes;
        };
        const zeroed = outcomeOf(sector(2048), dialect);
        const where = `in file '${GOLDEN_NAME}' at position: 112`;
        expect(zeroed.writeError).to.equal(`unexpected EOF: ${where}`);
        expect(zeroed.repair).to.equal('cut 112');
        const almost = outcomeOf(sector(2049), dialect);
        expect(almost.writeError).to.equal(
          `${BARE_CRC_MISMATCH}: expected: bc0f2545 computed: 5c9dfe09: ${where}`,
        );
        expect(almost.repair).to.equal('refuse');
      });
    });
  }
});
