/**
 * Every wrapped entry that the WAL's segments still hold (spec/encryption.md §4), in file order: the
 * log in force, what a snapshot has overtaken, and what later records replaced. One reading finds
 * which records are in force, a second one shows the payloads; neither keeps them.
 *
 * An entry is wrapped exactly when `index > cutover`. The cutover is the sidecar's; where that is
 * not known or 0, the one that the log's own enable entry sets, or that of the newest snapshot's
 * header. Without any of these nothing tells a wrapped entry from a batch but its second byte: a
 * writer puts flag 0 there, and no protobuf message begins with 0.
 */
import type { Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import { ENVELOPE_MIN_LENGTH, ENVELOPE_VERSION } from '../encryption/envelope.js';
import { decodeEncryptionEntry, OPCODE_BOOTSTRAP, OPCODE_ROTATION } from '../encryption/wire.js';
import type { DirSource } from '../io/dir-source.js';
import { Fault } from '../mvcc/fault.js';
import { PROTO_37 } from '../proto/dialect.js';
import { ENTRY_TYPE, EntryHead } from '../raft/entry.js';
import { decodeProposal } from '../raft/proposal.js';
import { chooseSnapshot } from '../raft/snap/choose.js';
import { RECORD_TYPE, WalDecoder, type WalSegment } from '../raft/wal/decoder.js';
import type { EntryTable } from '../raft/wal/entry-table.js';
import { closeSegments, openSegments, withSegments } from '../raft/wal/open-segments.js';
import { readAll } from '../raft/wal/read-all.js';
import { isSelectionRefusal, listWal, selectSegments } from '../raft/wal/segment-name.js';
import { reads, scanSnapshots } from '../raft/wal/snapshot-scan.js';
import { isClean, type WalEnd } from '../raft/wal/wal-end.js';

/** Reserved, and counted by guard 9. */
const OPCODE_LAST = 0x07;

export type Standing =
  /** The node reads it at its next start. */
  | 'in-force'
  /** At or below the newest usable snapshot. */
  | 'in-snapshot'
  /** A later record holds this index. */
  | 'superseded';

export interface WrappedEntry {
  readonly index: bigint;
  readonly term: bigint;
  /** Segment below `wal/`. */
  readonly file: string;
  /** Of the record's frame. */
  readonly offset: number;
  readonly standing: Standing;
  /** The envelope. Borrowed for the call. */
  readonly payload: Uint8Array;
}

export interface Cutover {
  /** 0: nothing is wrapped. */
  readonly index: bigint;
  readonly from: 'sidecar' | 'enable-entry' | 'snapshot-header' | 'form';
}

/** An entry with an encryption opcode. */
export interface OpcodeEntry {
  readonly index: bigint;
  /** 0x04 to 0x07: those that move `raft_applied_index`. */
  readonly opcode: number;
  /** In the clear, or seen only by whoever has the key. */
  readonly wrapped: boolean;
}

export interface LogWalk {
  /** `S` of the newest usable snapshot, 0 without one. */
  readonly snapshotIndex: bigint;
  readonly commit: bigint;
  readonly lastIndex: bigint;
  readonly cutover: Cutover;
  /** The last encryption entry in the log; wrapped ones are known only where the sink opens them. */
  readonly lastOpcode: OpcodeEntry | null;
  readonly findings: readonly Finding[];
}

export interface LogWalkOptions {
  /** `raft_envelope_cutover_index`, undefined where no sidecar was given. */
  readonly sidecarCutover: bigint | undefined;
  /** Of the newest snapshot's header; 0 for none. */
  readonly headerCutover: bigint;
  readonly pace: Pace;
}

/** @returns the clear payload's first byte, where it was opened */
export type EntrySink = (entry: WrappedEntry) => number | undefined | Promise<number | undefined>;

/** @returns undefined where there is no WAL */
export async function walkLog(
  group: DirSource,
  options: LogWalkOptions,
  sink: EntrySink,
): Promise<LogWalk | undefined> {
  if (group.stat('wal')?.kind !== 'directory') return undefined;
  const wal = group.dir('wal');
  const { segments } = listWal(wal);
  if (segments.length === 0) return undefined;
  const base = newestSnapshot(group, segments);
  const log = inForce(wal, segments, base);
  const open = openSegments(wal, segments);
  try {
    const walk = new Walk(open, log, base.index, options);
    await walk.run(sink);
    return walk.result();
  } finally {
    closeSegments(open);
  }
}

type Segments = ReturnType<typeof listWal>['segments'];

function newestSnapshot(group: DirSource, segments: Segments): { index: bigint; term: bigint } {
  const none = { index: 0n, term: 0n };
  if (group.stat('snap')?.kind !== 'directory') return none;
  const wal = group.dir('wal');
  const { valid } = withSegments(wal, segments, (open) => scanSnapshots(open, PROTO_37));
  return chooseSnapshot(group.dir('snap'), valid, PROTO_37).chosen ?? none;
}

interface InForce {
  readonly table: EntryTable | undefined;
  readonly commit: bigint;
}

function inForce(
  wal: DirSource,
  segments: Segments,
  base: { index: bigint; term: bigint },
): InForce {
  const selected = selectSegments(segments, base.index);
  // The node refuses such a log; the records in it are looked at all the same.
  if (isSelectionRefusal(selected)) return { table: undefined, commit: 0n };
  const content = withSegments(wal, selected, (open) => readAll(open, base, PROTO_37));
  return { table: content.entries, commit: content.hardState.commit ?? 0n };
}

class Walk {
  private readonly decoder: WalDecoder;
  private readonly log: InForce;
  private readonly base: bigint;
  private readonly options: LogWalkOptions;
  private readonly head = new EntryHead();
  private cutover: Cutover;
  private lastOpcode: OpcodeEntry | null = null;
  private highest = 0n;

  constructor(
    segments: readonly WalSegment[],
    log: InForce,
    base: bigint,
    options: LogWalkOptions,
  ) {
    this.decoder = new WalDecoder(segments, PROTO_37);
    this.log = log;
    this.base = base;
    this.options = options;
    this.cutover = firstCutover(options);
  }

  async run(sink: EntrySink): Promise<void> {
    const { decoder } = this;
    try {
      while (decoder.next()) {
        if (decoder.type === RECORD_TYPE.crc && !decoder.acceptCrcRecord()) {
          decoder.stop('wal-crc-chain', 'walpb: crc mismatch');
        }
        if (decoder.type !== RECORD_TYPE.entry) continue;
        if (!reads(decoder, this.head, 'Entry')) break;
        const tag = this.entry(sink);
        this.noteTag(tag instanceof Promise ? await tag : tag);
        const turn = this.options.pace.step(decoder.recBytes);
        if (turn) await turn;
      }
    } finally {
      decoder.close();
    }
  }

  result(): LogWalk {
    const { table, commit } = this.log;
    return {
      snapshotIndex: this.base,
      commit,
      lastIndex: table === undefined ? this.highest : this.base + BigInt(table.length),
      cutover: this.cutover,
      lastOpcode: this.lastOpcode,
      findings: endFindings(this.decoder.end),
    };
  }

  private entry(sink: EntrySink): number | undefined | Promise<number | undefined> {
    const { decoder, head } = this;
    const { index } = head;
    if (index > this.highest) this.highest = index;
    if (head.type !== ENTRY_TYPE.normal) return undefined;
    const payload = decodeProposal(decoder.bytes.subarray(head.from, head.to))?.payload;
    if (payload === undefined) return undefined;
    if (!this.isWrapped(index, payload)) {
      this.plain(index, payload);
      return undefined;
    }
    return sink({
      index,
      term: head.term,
      file: decoder.segment.name,
      offset: decoder.frameOffset,
      standing: this.standing(index),
      payload,
    });
  }

  private isWrapped(index: bigint, payload: Uint8Array): boolean {
    if (this.cutover.from === 'form') return hasEnvelopeForm(payload);
    return this.cutover.index !== 0n && index > this.cutover.index;
  }

  /** The enable entry stands in the clear and sets the cutover for what follows. */
  private plain(index: bigint, payload: Uint8Array): void {
    const opcode = payload[0] ?? 0;
    this.note(index, opcode, false);
    if (opcode !== OPCODE_ROTATION || (this.cutover.index !== 0n && this.cutover.from !== 'form')) {
      return;
    }
    const decoded = decodeEncryptionEntry(payload);
    if (decoded instanceof Fault || decoded.kind !== 'enable-raft') return;
    this.cutover = { index, from: 'enable-entry' };
  }

  private noteTag(tag: number | undefined): void {
    if (tag !== undefined) this.note(this.head.index, tag, true);
  }

  private note(index: bigint, opcode: number, wrapped: boolean): void {
    if (opcode < OPCODE_BOOTSTRAP || opcode > OPCODE_LAST) return;
    if (this.lastOpcode !== null && index < this.lastOpcode.index) return;
    this.lastOpcode = { index, opcode, wrapped };
  }

  private standing(index: bigint): Standing {
    if (index <= this.base) return 'in-snapshot';
    const { table } = this.log;
    const i = Number(index - this.base) - 1;
    if (table === undefined || i >= table.length) return 'superseded';
    const row = table.row(i);
    const here =
      table.segments[row.segment] === this.decoder.segment.name &&
      row.frameOffset === this.decoder.frameOffset;
    return here ? 'in-force' : 'superseded';
  }
}

function firstCutover({ sidecarCutover, headerCutover }: LogWalkOptions): Cutover {
  if (sidecarCutover !== undefined && sidecarCutover !== 0n) {
    return { index: sidecarCutover, from: 'sidecar' };
  }
  if (headerCutover !== 0n) return { index: headerCutover, from: 'snapshot-header' };
  if (sidecarCutover === 0n) return { index: 0n, from: 'sidecar' };
  return { index: 0n, from: 'form' };
}

/** Version 1, flag 0, long enough: no request begins so. */
export function hasEnvelopeForm(payload: Uint8Array): boolean {
  return (
    payload.length >= ENVELOPE_MIN_LENGTH && payload[0] === ENVELOPE_VERSION && payload[1] === 0
  );
}

function endFindings(end: WalEnd | undefined): Finding[] {
  if (end === undefined || isClean(end)) return [];
  const message =
    end.kind === 'torn'
      ? `the log ends torn here (${end.why}); what lies behind it was not looked at`
      : `the log cannot be read on from here: ${end.detail ?? end.nodeError}`;
  return [
    {
      code: end.code,
      severity: end.kind === 'torn' ? 'warning' : 'error',
      file: `wal/${end.segment}`,
      offset: end.offset,
      message,
      nodeError: end.nodeError,
    },
  ];
}
