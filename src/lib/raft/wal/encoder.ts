/**
 * Writes WAL records as the node does (spec/etcd-wal.md §1.7, §2): frame, `walpb.Record`, padding,
 * and the running CRC carried from record to record.
 */
import { concatBytes, putU32le } from '../../bytes/write.js';
import { crc32c } from '../../checksum/crc32c.js';
import type { ProtoDialect } from '../../proto/dialect.js';
import { WireWriter } from '../../proto/wire-writer.js';
import { encodeEntry, type Entry } from '../entry.js';
import { encodeHardState, isEmptyHardState, type HardState } from '../hard-state.js';
import { RECORD_TYPE } from './decoder.js';
import { FRAME_BYTES, framedBytes, writtenPadBytes } from './frame.js';
import { encodeSnapshotRecord, type SnapshotRecord } from './snapshot-record.js';

export class WalEncoder {
  /** Running CRC behind the last record. */
  crc: number;
  /** Bytes written so far. */
  bytesWritten = 0;
  private readonly dialect: ProtoDialect;

  constructor(dialect: ProtoDialect, crc = 0) {
    this.dialect = dialect;
    this.crc = crc;
  }

  /** One framed record; absent data leaves the running CRC as it is. */
  record(type: number, data?: Uint8Array): Uint8Array {
    if (data !== undefined) this.crc = crc32c(data, this.crc);
    const record = new WireWriter().varint(1, type).varint(2, this.crc).bytes(3, data).finish();
    const out = new Uint8Array(framedBytes(record.length));
    const pad = writtenPadBytes(record.length);
    putU32le(out, 0, record.length);
    if (pad > 0) out[7] = 0x80 | pad;
    out.set(record, FRAME_BYTES);
    this.bytesWritten += out.length;
    return out;
  }

  crcRecord(): Uint8Array {
    return this.record(RECORD_TYPE.crc);
  }

  /** elastickv passes no metadata. */
  metadata(): Uint8Array {
    return this.record(RECORD_TYPE.metadata);
  }

  entry(entry: Entry): Uint8Array {
    return this.record(RECORD_TYPE.entry, encodeEntry(entry, this.dialect));
  }

  hardState(state: HardState): Uint8Array {
    return this.record(RECORD_TYPE.state, encodeHardState(state, this.dialect));
  }

  snapshot(record: SnapshotRecord): Uint8Array {
    return this.record(RECORD_TYPE.snapshot, encodeSnapshotRecord(record, this.dialect));
  }

  /** One save: the entries, then the hard state unless it is all-zero. */
  save(entries: readonly Entry[], state: HardState): Uint8Array {
    const parts = entries.map((entry) => this.entry(entry));
    if (!isEmptyHardState(state)) parts.push(this.hardState(state));
    return Buffer.concat(parts);
  }

  /** Beginning of a new WAL's segment 0: crc 0, metadata, snapshot (0,0). */
  creation(): Uint8Array {
    const first = { index: 0n, term: 0n, confState: undefined };
    return concatBytes(this.crcRecord(), this.metadata(), this.snapshot(first));
  }

  /** Beginning of a segment after a cut: running CRC, metadata, the hard state if one was saved. */
  continuation(state: HardState | undefined): Uint8Array {
    const parts = [this.crcRecord(), this.metadata()];
    if (state !== undefined && !isEmptyHardState(state)) parts.push(this.hardState(state));
    return concatBytes(...parts);
  }

  /**
   * What a sole voter's election appends (§6.7): its vote for itself in the next term, the empty
   * entry, the commit of it.
   */
  election(before: { term: bigint; commit: bigint; last: bigint }, nodeId: bigint): Uint8Array {
    const term = before.term + 1n;
    const index = before.last + 1n;
    const noOp: Entry = { type: undefined, term, index, data: undefined };
    return concatBytes(
      this.hardState({ term, vote: nodeId, commit: before.commit }),
      this.entry(noOp),
      this.hardState({ term, vote: nodeId, commit: index }),
    );
  }
}
