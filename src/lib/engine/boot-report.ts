/**
 * What the prediction of one group's boot under one generation yields: the fields of
 * spec/output.md §3 and §4, with u64 as bigint. Plain data; nothing here knows how it is rendered.
 */
import type { Sidecar } from '../encryption/sidecar.js';
import type { Finding } from '../core/finding.js';
import type { StoreDigest } from '../kv/store-digest.js';
import type { GapEntries } from './gap-entries.js';
import type { FallbackReason } from './gate.js';
import type { GenerationName } from './generation.js';
import type { Action, PlannedFile } from './planned-disk.js';
import type { RefusalDetail } from './refusal.js';

export type Verdict =
  | 'boots-skip'
  | 'boots-restore'
  | 'boots-after-repair'
  | 'boots-new-cluster'
  | 'refuses'
  | 'inconclusive';

export interface SnapshotPointer {
  readonly index: bigint;
  readonly term: bigint;
  /** Path of the `.snap` below the group dir; null for a migrated or bootstrapped snapshot. */
  readonly file: string | null;
  readonly token: { readonly index: bigint; readonly crc32c: number } | null;
  /** The FSM payload lies in the `.snap` itself. */
  readonly inline: boolean;
}

export interface GateReport {
  readonly outcome: 'skipped' | 'executed' | 'fallback' | 'none';
  readonly reason: FallbackReason | null;
  readonly snapshotIndex: bigint | null;
  readonly have: bigint | null;
  readonly threshold: bigint | null;
  readonly gap: bigint | null;
  /** What the log holds between `have` and the threshold; null where nothing is missing. */
  readonly between: GapEntries | null;
}

export interface FsmBefore {
  /** There is no `fsm.db`. */
  readonly absent: boolean;
  readonly appliedIndex: bigint | null;
  readonly lastCommitTs: bigint | null;
  /** All raw keys; null unless counting was asked for. */
  readonly keys: number | null;
  readonly sha256: string | null;
  readonly meta: Readonly<Record<string, string>> | null;
}

export interface Counters {
  readonly appliedIndex: bigint;
  readonly raftApplied: bigint;
  readonly commitIndex: bigint;
  readonly lastIndex: bigint;
  readonly term: bigint;
  readonly ceilingMs: bigint;
  readonly hlcLast: bigint;
  readonly restoredCutover: bigint;
  readonly lastSnapshotIndex: bigint;
}

/** The words of spec/output.md §4. */
export const DISPOSITIONS = [
  'fresh',
  'volatile-replay',
  'duplicate-volatile',
  'duplicate-dropped',
  'not-delivered',
  'empty',
  'not-a-proposal',
  'conf-change',
  'halt',
  'uncommitted',
  'in-snapshot',
  'superseded',
] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

export interface RequestRecord {
  readonly phase: 'raw' | 'none' | 'prepare' | 'commit' | 'abort' | 'unknown';
  readonly ts: bigint;
  readonly commitTs: bigint | null;
  readonly mutations: number;
  /** The node's name, or a lower-case code of ours where it has no identity; null on success. */
  readonly error: string | null;
  /** All identities the node's error answers to. */
  readonly errorNames: readonly string[];
  /** The key the error names. */
  readonly errorKeyHex: string | null;
  /** The first mutated key that is not a transaction's meta record. */
  readonly keyHex: string | null;
}

export interface EntryRecord {
  readonly index: bigint;
  readonly term: bigint;
  /** Segment or legacy file the entry lies in; null for an entry this boot would make. */
  readonly file: string | null;
  readonly offset: number | null;
  readonly entryType: 'normal' | 'confChange' | 'confChangeV2' | 'unknown';
  readonly committed: boolean;
  readonly disposition: Disposition;
  readonly told: boolean;
  readonly applied: boolean;
  readonly tag: string | null;
  readonly proposalId: bigint | null;
  readonly wrapped: boolean;
  readonly payloadLength: number | null;
  /** First 16 hex digits. */
  readonly payloadSha256: string | null;
  readonly requests: readonly RequestRecord[];
  readonly error: string | null;
  readonly errorNames: readonly string[];
  /** After this entry. */
  readonly ceilingMs: bigint;
}

export interface Member {
  readonly id: string;
  readonly address: string;
  readonly suffrage: 'voter' | 'learner';
}

export interface BootReport {
  readonly generation: GenerationName;
  readonly verdict: Verdict;
  readonly snapshot: SnapshotPointer | null;
  readonly hardState: {
    readonly term: bigint;
    readonly vote: bigint;
    readonly commit: bigint;
  } | null;
  readonly log: { readonly first: bigint; readonly last: bigint; readonly segments: number } | null;
  readonly fsm: FsmBefore;
  readonly gate: GateReport;
  /** The decision taken, also where the work behind it failed and `gate` is none. */
  readonly decision: GateReport;
  readonly refusal: RefusalDetail | null;
  /** Where it stands at rest; of a boot that stops only the clock's fields mean anything. */
  readonly counters: Counters;
  readonly entries: Readonly<Record<Disposition, number>>;
  readonly store: StoreDigest | null;
  readonly actions: readonly Action[];
  readonly members: readonly Member[];
  readonly findings: readonly Finding[];
  /** Calls of the FSM's restore, inline payloads and the legacy migration included. */
  readonly restoreCalls: number;
  /** Ceiling and cutover pairs applied on the skip path. */
  readonly headerApplies: readonly { readonly ceiling: bigint; readonly cutover: bigint }[];
  /** Indexes handed to the writer of the durable applied index, one a configuration snapshot. */
  readonly durablePins: readonly bigint[];
  /** The sidecar as the boot would leave it; null without guards or where there is none. */
  readonly sidecarAfter: Sidecar | null;
  /**
   * Every regular file of the group dir as the boot leaves it, `fsm.db` and its siblings left out.
   * Changed files are read for their digests, so the dir must still be there.
   */
  readonly filesAfter: () => readonly PlannedFile[];
}
