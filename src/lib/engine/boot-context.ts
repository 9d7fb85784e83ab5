/**
 * What one predicted boot carries from step to step: the disk as changed so far, the store, the
 * clock, and everything the report will say. Steps take it and change it; nobody else sees it.
 */
import type { ErrorCode } from '../core/codes/all.js';
import type { Finding } from '../core/finding.js';
import { BUILDS, type Build } from '../fsm/build.js';
import { HlcClock } from '../fsm/clock.js';
import { StateMachine } from '../fsm/state-machine.js';
import { OverlayStore } from '../kv/overlay.js';
import type { KvView } from '../kv/kv-view.js';
import type { StoreDigest } from '../kv/store-digest.js';
import { EMPTY_VIEW } from '../kv/memory-view.js';
import { dialectOf, type ProtoDialect } from '../proto/dialect.js';
import type { HardState } from '../raft/hard-state.js';
import type { EntryTable } from '../raft/wal/entry-table.js';
import type { CrcAhead } from '../io/file-crc.js';
import type { BootInput } from './boot-input.js';
import { NO_ENVELOPES, type EnvelopeWiring } from './envelopes.js';
import { EntryTrace } from './entry-trace.js';
import type { FsmBefore, GateReport, SnapshotPointer } from './boot-report.js';
import type { Generation } from './generation.js';
import { PlannedDisk } from './planned-disk.js';
import type { RaftLog } from './raft-log.js';
import type { RaftStart } from './raft-state.js';

export const NO_GATE: GateReport = {
  outcome: 'none',
  reason: null,
  snapshotIndex: null,
  have: null,
  threshold: null,
  gap: null,
  between: null,
};

const NO_STORE: FsmBefore = {
  absent: true,
  appliedIndex: null,
  lastCommitTs: null,
  keys: null,
  sha256: null,
  meta: null,
};

export class BootContext {
  readonly input: BootInput;
  readonly disk: PlannedDisk;
  readonly clock = new HlcClock();
  readonly findings: Finding[] = [];
  readonly trace: EntryTrace;
  readonly build: Build;

  /** Pebble directories opened so far: a guard may look before the engine does. */
  readonly databases = new Map<string, KvView>();
  /** Absent until step 2 has opened or created it. */
  private machine: StateMachine | undefined;
  fsmBefore: FsmBefore = NO_STORE;
  /** The store that was opened and its digest, where one is wanted. */
  found: { readonly view: KvView; readonly digest: StoreDigest } | null = null;
  /** Set by step 1, before the store is opened. */
  envelopes: EnvelopeWiring = NO_ENVELOPES;
  restoredCutover = 0n;
  restoreCalls = 0;
  readonly headerApplies: { ceiling: bigint; cutover: bigint }[] = [];
  readonly durablePins: bigint[] = [];

  /** Reported only when the work it asks for has succeeded. */
  gate: GateReport = NO_GATE;
  /** What the gate decided, also when the work then failed. */
  decision: GateReport = NO_GATE;
  snapshot: SnapshotPointer | null = null;
  /** The CRC of the newest body, begun before the gate asks for one. */
  crcAhead: CrcAhead | null = null;
  hardState: HardState | null = null;
  log: RaftLog | null = null;
  segments = 0;
  superseded: EntryTable | null = null;
  /** Entries at or below the snapshot that the log still holds. */
  entriesBelow = 0;
  start: RaftStart | null = null;
  /** `T` before anything was appended. */
  tailFound = 0n;
  /** The tail was cut: the verdict says so. */
  repaired = false;
  /** Nothing usable: the node bootstraps or joins over what is there. */
  newCluster = false;
  /** The log was opened for writing: `wal/0.tmp` lies beside it until it is closed. */
  logOpened = false;
  private readonly closers: (() => void)[] = [];

  constructor(input: BootInput) {
    this.input = input;
    this.disk = new PlannedDisk(input.group);
    this.trace = new EntryTrace(input.onEntry, input.watcher);
    this.build = BUILDS[input.generation.fsm];
  }

  get generation(): Generation {
    return this.input.generation;
  }

  get proto(): ProtoDialect {
    return dialectOf(this.generation.etcd);
  }

  get fsm(): StateMachine {
    if (this.machine === undefined) this.useStore(new OverlayStore(EMPTY_VIEW));
    return this.machine as StateMachine;
  }

  get store(): OverlayStore {
    return this.fsm.store;
  }

  get storeIsOpen(): boolean {
    return this.machine !== undefined;
  }

  /** Another store takes the place of the present one: opened, or restored. */
  useStore(store: OverlayStore): void {
    this.machine = new StateMachine({
      build: this.build,
      store,
      clock: this.clock,
      cipher: this.envelopes.cipher,
      encryption: this.envelopes.applier,
      nowMs: this.input.nowMs,
    });
  }

  find(
    code: ErrorCode,
    severity: Finding['severity'],
    message: string,
    more: Partial<Finding> = {},
  ): void {
    this.findings.push({ code, severity, message, ...more });
  }

  /** What must stay open as long as the store is looked at. */
  onClose(close: () => void): void {
    this.closers.push(close);
  }

  close(): void {
    for (const close of this.closers.splice(0).reverse()) close();
  }
}
