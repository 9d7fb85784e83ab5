/**
 * What the start-up guards look at, as a record that the engine fills from disk and flags, and what
 * they answer. Knowledge that is missing has a state of its own: it makes a guard inconclusive and
 * is never taken for "absent".
 */
import type { ByteString } from '../bytes/byte-string.js';
import type { ErrorCode } from '../core/codes/all.js';
import { IoError, ToolError } from '../core/errors.js';
import { readRange, type ByteSource } from '../io/byte-source.js';
import { Kek, readKek, type KekFile } from './kek.js';
import type { Fault } from '../mvcc/fault.js';
import { MAX_SIDECAR_BYTES, parseSidecar, type Sidecar } from './sidecar.js';
import type { GuardRules } from './guard-rules.js';

export type SidecarState =
  /** The node has no sidecar path at all. */
  | { readonly kind: 'no-path' }
  /** A path, and no file there. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'valid'; readonly sidecar: Sidecar }
  | { readonly kind: 'invalid'; readonly error: ToolError }
  /** The node has one and it was not given to the tool. */
  | { readonly kind: 'unknown' };

export type KekState =
  /** The node has no KEK configured. */
  | { readonly kind: 'none' }
  | { readonly kind: 'loaded'; readonly kek: Kek }
  | { readonly kind: 'failed'; readonly error: ToolError }
  /** The node has one and it was not given to the tool. */
  | { readonly kind: 'unknown' };

/** The default group's writer registry at the moment of the guard. */
export type RegistryState =
  | { readonly kind: 'open'; readonly get: (key: ByteString) => Uint8Array | undefined }
  /** There is no `fsm.db`. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown' };

/** A cutover read from a snapshot header; 0 when there is no snapshot or no v2 header. */
export type CutoverState =
  | { readonly kind: 'known'; readonly cutover: bigint }
  /** The snapshot cannot be read: the guard fails with the node's error for that. */
  | { readonly kind: 'failed'; readonly failure: Fault }
  | { readonly kind: 'unknown' };

export interface GuardGroup {
  readonly id: bigint;
  /** Full node ids of the group's peers file (spec guard 7); undefined when it has none. */
  readonly peers: readonly bigint[] | undefined;
}

/** Everything the guards need that come before the engine. */
export interface StartInputs {
  readonly rules: GuardRules;
  /** Undefined: not known whether the node has encryption on. */
  readonly encryption: boolean | undefined;
  readonly sidecar: SidecarState;
  readonly kek: KekState;
  /** This node's full id. */
  readonly fullNodeId: bigint;
  /** All groups of the process, group 0 included. */
  readonly groups: readonly GuardGroup[];
  /** Full ids of the node's member list, for groups without a peers file. */
  readonly bootstrap: readonly bigint[] | undefined;
  /** Header of the default group's newest snapshot. */
  readonly snapshotCutover: CutoverState;
  /** Of the default group, before the boot has touched it. */
  readonly registry: RegistryState;
}

/** The part that only exists once the engine has replayed. All of it of the default group. */
export interface ReplayedInputs {
  /** As it stands now, the entries redelivered in this boot included. */
  readonly sidecar: SidecarState;
  readonly registry: RegistryState;
  /** The header's cutover that a restore or skip has applied (`restoredCutover`), 0 for none. */
  readonly restoredCutover: bigint;
  /** The engine's applied counter; of a sole voter after its election, T+1. */
  readonly applied: bigint;
  /** Index of the raft snapshot: entries up to it can no longer be read. */
  readonly snapshotIndex: bigint;
  /** Last entry of the raft log at that moment (a sole voter's own no-op included). */
  readonly lastIndex: bigint;
  /**
   * The byte behind the proposal envelope of an entry, before any unwrapping; undefined when the
   * entry is none (empty, conf change, shorter).
   */
  readonly opcodeAt: (index: bigint) => number | undefined;
}

export interface GuardRefusal {
  /** Number in spec/encryption.md §6; 0 is the loading of the KEK file. */
  readonly guard: number;
  readonly code: ErrorCode;
  /** The node's names, or the code where the node's error has none; sorted. */
  readonly errors: readonly string[];
  readonly message: string;
  /** The process dies instead of reporting. */
  readonly panic: boolean;
}

/** A guard that could not be evaluated, and what to pass so that it can. */
export interface GuardGap {
  readonly guard: number;
  readonly needs: '--encryption' | '--sidecar' | '--kek' | '--peers' | 'snapshot' | 'fsm.db';
  readonly message: string;
}

export interface EpochBump {
  readonly purpose: 'storage' | 'raft';
  readonly keyId: number;
  readonly from: number;
  readonly to: number;
}

/** A guard's answer: the refusal, or nothing; what it could not know goes to `gaps`. */
export type Guard<T> = (input: T, gaps: GuardGap[]) => GuardRefusal | undefined;

export function refuse(
  guard: number,
  code: ErrorCode,
  names: readonly string[],
  message: string,
): GuardRefusal {
  const errors = names.length === 0 ? [code] : [...new Set(names)].sort();
  return { guard, code, errors, message, panic: false };
}

export function refuseWith(guard: number, error: ToolError): GuardRefusal {
  const names = error.nodeError === undefined ? [] : [error.nodeError];
  return refuse(guard, error.code, names, error.message);
}

/** Opens and judges the KEK file as the node does; refusals by our own environment are thrown. */
export function kekStateOf(open: () => KekFile & ByteSource): KekState {
  let file: (KekFile & ByteSource) | undefined;
  try {
    file = open();
    const secret = readKek(file);
    const kek = new Kek(secret);
    secret.wipe();
    return { kind: 'loaded', kek };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { kind: 'failed', error: asKekError(error) };
  } finally {
    file?.close();
  }
}

function asKekError(error: ToolError): ToolError {
  const detail = { site: error.site, cause: error };
  if (error.code === 'io-not-found') return new IoError('kek-missing', error.detail, detail);
  if (error.code === 'io-not-regular') return new IoError('kek-not-regular', error.detail, detail);
  if (error.code.startsWith('kek-')) return error;
  throw error;
}

/** Reads and judges a sidecar; a missing file is a state, other refusals of the system are thrown. */
export function sidecarStateOf(open: () => ByteSource): SidecarState {
  let source: ByteSource | undefined;
  try {
    source = open();
    return { kind: 'valid', sidecar: parseSidecar(readWhole(source), source.path) };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    if (error.code === 'io-not-found') return { kind: 'missing' };
    if (error.code.startsWith('sidecar-')) return { kind: 'invalid', error };
    throw error;
  } finally {
    source?.close();
  }
}

function readWhole(source: ByteSource): Uint8Array {
  if (source.size > MAX_SIDECAR_BYTES) {
    throw new IoError('limit-exceeded', `a sidecar of ${source.size} bytes is not read`, {
      site: { path: source.path },
    });
  }
  return readRange(source, 0, source.size);
}
