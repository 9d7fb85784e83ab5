/**
 * What a node does at boot depends on its build. Every difference that the files can show stands
 * here as data; the steps read these fields and never a generation's name
 * (spec/00-overview.md, engine generations; etcd-wal.md §10; fsm-apply.md §8).
 */

export const GENERATION_NAMES = ['always-restore', 'committed-tail', 'snapshot-pointer'] as const;
export type GenerationName = (typeof GENERATION_NAMES)[number];

/** When the gate lets the body restore be skipped: never, `H >= max(S, C)`, or `H >= S`. */
export type GateRule = 'never' | 'committed-tail' | 'snapshot-pointer';

/** Where raft starts to deliver (cold-start.md §4): at S, or at a floor computed from H. */
export type FloorRule = 'none' | 'floor-and-volatile-replay';

export interface Generation {
  readonly name: GenerationName;
  /** Short commit of the real build this generation was recorded with, or the builds it stands for. */
  readonly build: string;
  readonly gate: GateRule;
  readonly floor: FloorRule;
  /** Restore before the WAL is opened (builds before 2026-06-07). */
  readonly restoreBeforeWalOpen: boolean;
  /** Reported index of the gate's snapshot: the token's or the snapshot's own. */
  readonly gateIndexFrom: 'token' | 'snapshot';
  /** etcd and raft libraries: 3.6 until 2026-07-08, 3.7 after. */
  readonly etcd: '3.6' | '3.7';
  /** Which of the two reference builds of fsm-apply.md the state machine follows. */
  readonly fsm: 'A' | 'B';
  /** Newest version of `etcd-raft-peers.bin` that is read; also the one written. */
  readonly peersVersion: 2 | 3;
  /** A member of a new configuration must have an address (from 2026-07-19). */
  readonly peersNeedAddress: boolean;
  /** The term part of a `.snap` name must be hex for its index to keep a `.fsm` (2026-07-03). */
  readonly snapNameTermChecked: boolean;
  /** Superfluous pairs are purged before a new `.fsm` is written (2026-07-03). */
  readonly purgeBeforeWrite: boolean;
  /** Siblings of `fsm.db` are cleaned up on opening, and a restore keeps a backup (2026-07-19). */
  readonly managesSiblings: boolean;
}

const COMMITTED_TAIL: Generation = {
  name: 'committed-tail',
  build: '58db40cd',
  gate: 'committed-tail',
  floor: 'none',
  restoreBeforeWalOpen: false,
  gateIndexFrom: 'token',
  etcd: '3.6',
  fsm: 'A',
  peersVersion: 2,
  peersNeedAddress: false,
  snapNameTermChecked: false,
  purgeBeforeWrite: false,
  managesSiblings: false,
};

export const GENERATIONS: Readonly<Record<GenerationName, Generation>> = {
  'always-restore': {
    ...COMMITTED_TAIL,
    name: 'always-restore',
    build: 'builds before 2026-06-07',
    gate: 'never',
    restoreBeforeWalOpen: true,
  },
  'committed-tail': COMMITTED_TAIL,
  'snapshot-pointer': {
    name: 'snapshot-pointer',
    build: 'd9a031d0',
    gate: 'snapshot-pointer',
    floor: 'floor-and-volatile-replay',
    restoreBeforeWalOpen: false,
    gateIndexFrom: 'snapshot',
    etcd: '3.7',
    fsm: 'B',
    peersVersion: 3,
    peersNeedAddress: true,
    snapNameTermChecked: true,
    purgeBeforeWrite: true,
    managesSiblings: true,
  },
};

export const DEFAULT_GENERATION: GenerationName = 'committed-tail';
