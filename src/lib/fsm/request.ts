import type { ByteString } from '../bytes/byte-string.js';

/** Mutation ops; numbers outside the list are kept as they came. */
export const OP = { PUT: 0, DEL: 1, DEL_PREFIX: 2 } as const;

/** Phases of a transaction; of a raw request the phase does not count. */
export const PHASE = { NONE: 0, PREPARE: 1, COMMIT: 2, ABORT: 3 } as const;

export interface Mutation {
  /** i32. */
  readonly op: number;
  /** A copy from the first time it is asked for; until then the payload has to be there. */
  readonly key: ByteString;
  /** Borrowed from the payload. */
  readonly value: Uint8Array;
}

/** One request of an entry (spec/fsm-apply.md §2, Protobuf). */
export interface Request {
  readonly isTxn: boolean;
  /** i32. */
  readonly phase: number;
  readonly ts: bigint;
  readonly mutations: readonly Mutation[];
  readonly readKeys: readonly ByteString[];
  /** 0: not pinned to a version of the route catalog. */
  readonly observedRouteVersion: bigint;
}

/** The words of spec/output.md §4 for what a request is. */
export type PhaseWord = 'raw' | 'none' | 'prepare' | 'commit' | 'abort' | 'unknown';

const PHASE_WORDS: readonly PhaseWord[] = ['none', 'prepare', 'commit', 'abort'];

export function phaseWord(request: Request): PhaseWord {
  return request.isTxn ? (PHASE_WORDS[request.phase] ?? 'unknown') : 'raw';
}
