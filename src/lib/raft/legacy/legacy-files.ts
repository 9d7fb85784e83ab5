/**
 * Raft state of builds from before the WAL (spec/etcd-wal.md §6.9). Numbers BE; a message is a u32
 * length and that many protobuf bytes.
 *
 *     etcd-raft-state.bin      "EKVR"  u32 version 1  HardState  Snapshot  u32 count  count × Entry
 *     etcd-raft-meta.bin       "EKVM"  u32 version 1  HardState  Snapshot (its data is dropped)
 *     etcd-raft-entries.bin    "EKVW"  u32 version 1  Entry until the end of the file
 *     etcd-fsm-snapshot.bin    the FSM payload, nothing around it
 *
 * There is no CRC. The end of the file exactly where a length would start is an empty message. Bytes
 * behind the last field are ignored.
 */
import { hex } from '../../bytes/hex.js';
import { u32be } from '../../bytes/read.js';
import type { ErrorCode } from '../../core/codes/all.js';
import { CorruptionError, TruncatedError, UnsupportedError } from '../../core/errors.js';
import { readRange, type ByteSource } from '../../io/byte-source.js';
import type { ProtoDialect } from '../../proto/dialect.js';
import { WireReader } from '../../proto/wire-reader.js';
import { EntryHead } from '../entry.js';
import { readHardState, type HardState } from '../hard-state.js';
import { decodeRaftSnapshot, type RaftSnapshot } from '../raft-snapshot.js';
import { EntryTable } from '../wal/entry-table.js';

export const LEGACY_FILES = {
  state: 'etcd-raft-state.bin',
  meta: 'etcd-raft-meta.bin',
  entries: 'etcd-raft-entries.bin',
  fsmSnapshot: 'etcd-fsm-snapshot.bin',
} as const;

const MIB = 1 << 20;
const LIMITS = {
  hardState: MIB,
  snapshot: 257 * MIB,
  snapshotMetadata: MIB,
  entry: 65 * MIB,
  entries: 1 << 20,
} as const;
const VERSION = 1;

export interface LegacyMeta {
  readonly hardState: HardState;
  readonly snapshot: RaftSnapshot;
}

export interface LegacyState extends LegacyMeta {
  /** In the file's order, each with its own index; rows point into the file. */
  readonly entries: EntryTable;
}

/** @throws {CorruptionError}, {ProtoError} with the node's refusal as `nodeError` */
export function readLegacyState(source: ByteSource, dialect: ProtoDialect): LegacyState {
  const r = new Messages(source, dialect);
  r.head('EKVR', 'state');
  const hardState = r.hardState();
  const snapshot = r.snapshot('snapshot', LIMITS.snapshot);
  const count = r.count();
  const entries = new EntryTable([LEGACY_FILES.state]);
  for (let i = 0; i < count; i++) r.entry(entries);
  return { hardState, snapshot, entries };
}

/** @throws as `readLegacyState` */
export function readLegacyMeta(source: ByteSource, dialect: ProtoDialect): LegacyMeta {
  const r = new Messages(source, dialect);
  r.head('EKVM', 'metadata');
  const hardState = r.hardState();
  const snapshot = r.snapshot('snapshot metadata', LIMITS.snapshotMetadata);
  return { hardState, snapshot: { ...snapshot, data: undefined } };
}

/** @throws as `readLegacyState` */
export function readLegacyEntries(source: ByteSource, dialect: ProtoDialect): EntryTable {
  const r = new Messages(source, dialect);
  r.head('EKVW', 'entries');
  const entries = new EntryTable([LEGACY_FILES.entries]);
  while (r.left > 0) {
    if (entries.length === LIMITS.entries) throw r.tooMany(LIMITS.entries + 1);
    r.entry(entries);
  }
  return entries;
}

export type PlacedEntries =
  /** Rows from `firstRow` on lie at `firstIndex`, `firstIndex + 1`, …; `last` is `T`. */
  | { readonly firstRow: number; readonly firstIndex: bigint; readonly last: bigint }
  | { readonly panic: string };

/**
 * How raft's storage takes a list of entries over a snapshot (§6.5, last paragraph): those at or
 * below it are dropped, and only the first index is looked at, the others count by position.
 */
export function placeEntries(entries: EntryTable, snapshotIndex: bigint): PlacedEntries {
  const count = BigInt(entries.length);
  const first = snapshotIndex + 1n;
  const none = { firstRow: entries.length, firstIndex: first, last: snapshotIndex };
  if (count === 0n || entries.indexAt(0) + count - 1n < first) return none;
  const below = first - entries.indexAt(0);
  const firstRow = below > 0n ? Number(below) : 0;
  const own = entries.indexAt(firstRow);
  if (own !== first) {
    return { panic: `missing log entry [last: ${snapshotIndex}, append at: ${own}]` };
  }
  return { firstRow, firstIndex: first, last: first + count - BigInt(firstRow) - 1n };
}

class Messages {
  private readonly source: ByteSource;
  private readonly dialect: ProtoDialect;
  private readonly reader: WireReader;
  private readonly entryHead = new EntryHead();
  private offset = 0;

  constructor(source: ByteSource, dialect: ProtoDialect) {
    this.source = source;
    this.dialect = dialect;
    this.reader = new WireReader(dialect);
  }

  get left(): number {
    return this.source.size - this.offset;
  }

  head(magic: string, what: string): void {
    const found = this.take(4);
    if (hex(found) !== Buffer.from(magic).toString('hex')) {
      throw this.broken('legacy-bad-magic', `invalid etcd raft ${what} magic`);
    }
    const version = u32be(this.take(4), 0);
    if (version === VERSION) return;
    const nodeError = `unsupported etcd raft ${what} version ${version}`;
    const site = { path: this.source.path, offset: 4 };
    throw new UnsupportedError('legacy-unsupported-version', nodeError, { site, nodeError });
  }

  count(): number {
    const count = u32be(this.take(4), 0);
    if (count > LIMITS.entries) throw this.tooMany(count);
    return count;
  }

  hardState(): HardState {
    const bytes = this.message('hard state', LIMITS.hardState);
    return readHardState(this.reader.reset(bytes, 0, bytes.length, 'HardState'));
  }

  snapshot(what: string, limit: number): RaftSnapshot {
    return decodeRaftSnapshot(this.message(what, limit), this.dialect, true);
  }

  entry(into: EntryTable): void {
    const frame = this.offset;
    const bytes = this.message('entry', LIMITS.entry);
    const base = this.offset - bytes.length;
    this.entryHead.read(this.reader.reset(bytes, 0, bytes.length, 'Entry'));
    into.push(this.entryHead, 0, frame, base + this.entryHead.from);
  }

  tooMany(count: number): CorruptionError {
    const text = `persisted entry count ${count} exceeds limit ${LIMITS.entries}`;
    return this.broken('legacy-over-limit', text);
  }

  private message(what: string, limit: number): Uint8Array {
    if (this.left === 0) return new Uint8Array(0);
    const size = u32be(this.take(4), 0);
    if (size > limit) {
      const text = `persisted ${what} size ${size} exceeds limit ${limit}`;
      throw this.broken('legacy-over-limit', text);
    }
    const bytes = this.take(size);
    this.reader.at(this.source.path, this.offset - size);
    return bytes;
  }

  private take(length: number): Uint8Array {
    if (length > this.left) {
      throw new TruncatedError('legacy-truncated', `needs ${length} B, ${this.left} B left`, {
        site: { path: this.source.path, offset: this.offset },
        nodeError: this.left === 0 ? 'EOF' : 'unexpected EOF',
      });
    }
    this.offset += length;
    return readRange(this.source, this.offset - length, length);
  }

  private broken(code: ErrorCode, nodeError: string): CorruptionError {
    const site = { path: this.source.path, offset: this.offset };
    return new CorruptionError(code, nodeError, { site, nodeError });
  }
}
