/**
 * The start-up guards that need no raft state (spec/encryption.md §6), in the node's order:
 *
 *     B  6, KEK file, 1, 2, 3, 4, (5), 7, 8, 10, then the epoch bumps
 *     A  KEK file, 1, 2, 3, 4, (5), 10, then the bump of the storage key's epoch
 *
 * The first refusal ends the boot. Guard 5 tries an fsync on the sidecar's directory, which nothing
 * on the disk foretells: it is taken as passed. Guards 6 to 11 need encryption on and a sidecar
 * path (A's 10 the path only).
 */
import { Fault } from '../mvcc/fault.js';
import { foreignRow, rollback, seenBy } from './guard-registry.js';
import {
  refuse,
  refuseWith,
  type EpochBump,
  type Guard,
  type GuardGap,
  type GuardRefusal,
  type StartInputs,
} from './guard-inputs.js';
import type { Keystore } from './keystore.js';
import { nodeId16Of } from './nonce.js';
import type { Sidecar, SidecarKey } from './sidecar.js';
import { unwrapKeys } from './unwrap-keys.js';

export const EPOCH_MAX = 0xffff;

/** What the boot carries on with when no guard refuses. */
export interface StartOutcome {
  /** `inconclusive` when nothing refused for certain and a guard could not be evaluated. */
  readonly verdict: 'pass' | 'refuses' | 'inconclusive';
  readonly refusal: GuardRefusal | null;
  readonly gaps: readonly GuardGap[];
  /** What the boot would write into the sidecar; empty under a refusal. */
  readonly bumps: readonly EpochBump[];
  /** The sidecar after the bumps; undefined when there is none or it is not known. */
  readonly sidecar: Sidecar | undefined;
  /** The loaded keys; undefined without encryption, KEK or sidecar. */
  readonly keys: Keystore | undefined;
}

/** Judges the start up to the engine. Nothing is written. */
export function judgeStart(input: StartInputs): StartOutcome {
  const gaps: GuardGap[] = [];
  for (const guard of guardsOf(input)) {
    const refusal = guard(input, gaps);
    if (refusal) {
      return {
        verdict: 'refuses',
        refusal,
        gaps,
        bumps: [],
        sidecar: sidecarOf(input),
        keys: undefined,
      };
    }
  }
  const sidecar = sidecarOf(input);
  const keys = loadedKeys(input);
  const bumps = sidecar ? plannedBumps(input, sidecar) : [];
  return {
    verdict: gaps.length === 0 ? 'pass' : 'inconclusive',
    refusal: null,
    gaps,
    bumps,
    sidecar: sidecar && bumped(sidecar, bumps),
    keys,
  };
}

function guardsOf({ rules }: StartInputs): readonly Guard<StartInputs>[] {
  return [
    ...(rules.cutoverDivergence ? [cutoverDivergence] : []),
    kekFile,
    presentWithoutFlag,
    kekRequired,
    sidecarUnwraps,
    epochExhausted,
    ...(rules.nodeIdCollision ? [nodeIdCollision] : []),
    ...(rules.storageEpoch ? [storageEpoch] : []),
    ...(rules.raftCutover === 'ignored' ? [] : [raftCutover]),
  ];
}

/** Guard 6, first time: a missing sidecar counts as cutover 0, an invalid one refuses already. */
const cutoverDivergence: Guard<StartInputs> = (input, gaps) => {
  const { sidecar, snapshotCutover: header } = input;
  if (!guardedByEncryption(input)) return undefined;
  if (sidecar.kind === 'invalid') return refuseWith(6, sidecar.error);
  if (header.kind === 'failed') {
    const { code, names, text } = header.failure;
    return refuse(6, code, names, text);
  }
  if (header.kind === 'unknown') {
    gaps.push({ guard: 6, needs: 'snapshot', message: 'the snapshot header’s cutover' });
    return undefined;
  }
  if (header.cutover === 0n) return undefined;
  if (sidecar.kind === 'unknown') {
    gaps.push({ guard: 6, needs: '--sidecar', message: 'the sidecar’s cutover' });
    return undefined;
  }
  const own = sidecar.kind === 'valid' ? sidecar.sidecar.raftEnvelopeCutoverIndex : 0n;
  return divergence(header.cutover, own);
};

export function divergence(header: bigint, sidecar: bigint): GuardRefusal | undefined {
  if (header === 0n || header === sidecar) return undefined;
  return refuse(
    6,
    'envelope-cutover-divergence',
    ['ErrEnvelopeCutoverDivergence'],
    `the snapshot header says cutover ${header}, the sidecar ${sidecar}`,
  );
}

/** The KEK is loaded before guards 1 to 5, also when encryption turns out to be off. */
const kekFile: Guard<StartInputs> = ({ encryption, kek }, gaps) => {
  if (kek.kind === 'unknown' && encryption !== false) {
    gaps.push({ guard: 0, needs: '--kek', message: 'the KEK file, and whether every key unwraps' });
  }
  return kek.kind === 'failed' ? refuseWith(0, kek.error) : undefined;
};

const presentWithoutFlag: Guard<StartInputs> = ({ encryption, sidecar }, gaps) => {
  if (encryption === true || sidecar.kind === 'no-path' || sidecar.kind === 'missing') {
    return undefined;
  }
  if (encryption === undefined || sidecar.kind === 'unknown') {
    const needs = encryption === undefined ? '--encryption' : '--sidecar';
    gaps.push({ guard: 1, needs, message: 'whether a sidecar exists while encryption is off' });
    return undefined;
  }
  return refuse(
    1,
    'sidecar-without-flag',
    ['ErrSidecarPresentWithoutFlag'],
    'a sidecar exists and encryption is off',
  );
};

const kekRequired: Guard<StartInputs> = ({ encryption, kek }, gaps) => {
  if (encryption === false || kek.kind !== 'none') return undefined;
  if (encryption === undefined) {
    gaps.push({ guard: 2, needs: '--encryption', message: 'whether a KEK is needed' });
    return undefined;
  }
  return refuse(
    2,
    'kek-required',
    ['ErrKEKRequiredWithFlag'],
    'encryption is on and no KEK is configured',
  );
};

const sidecarUnwraps: Guard<StartInputs> = (input, gaps) => {
  const { sidecar, kek } = input;
  if (input.encryption !== true) return undefined;
  if (sidecar.kind === 'invalid') return refuseWith(3, sidecar.error);
  if (sidecar.kind === 'unknown') {
    gaps.push({ guard: 3, needs: '--sidecar', message: 'the sidecar and its wrapped keys' });
  }
  // An unknown KEK has been reported where its file is loaded.
  if (sidecar.kind !== 'valid' || kek.kind !== 'loaded') return undefined;
  const keys = unwrapKeys(sidecar.sidecar, kek.kek);
  if (!(keys instanceof Fault)) return undefined;
  return refuse(3, keys.code, keys.names, keys.text);
};

const epochExhausted: Guard<StartInputs> = (input) => {
  const sidecar = input.encryption === true ? sidecarOf(input) : undefined;
  for (const purpose of ['storage', 'raft'] as const) {
    const key = sidecar && activeKey(sidecar, purpose);
    if (key?.localEpoch !== EPOCH_MAX) continue;
    return refuse(
      4,
      'local-epoch-exhausted',
      ['ErrLocalEpochExhausted'],
      `active ${purpose} key ${key.id} has reached local epoch ${EPOCH_MAX}`,
    );
  }
  return undefined;
};

/** Guard 7: a member of several groups is one member. */
const nodeIdCollision: Guard<StartInputs> = (input, gaps) => {
  if (activeStorageKey(input) === undefined) return undefined;
  const seen = new Map<number, bigint>();
  for (const group of input.groups) {
    const members = group.peers ?? input.bootstrap;
    if (members === undefined) {
      const message = `the members of group ${group.id}, which has no peers file`;
      gaps.push({ guard: 7, needs: '--peers', message });
    }
    for (const id of members ?? []) {
      const id16 = nodeId16Of(id);
      const other = seen.get(id16);
      if (other !== undefined && other !== id) {
        return refuse(
          7,
          'node-id-collision',
          ['ErrNodeIDCollision'],
          `members ${other} and ${id} share the 16-bit id ${id16}`,
        );
      }
      seen.set(id16, id);
    }
  }
  return undefined;
};

/** Guard 8 before the bump: the epoch may equal the last seen one, the bump is still to come. */
const storageEpoch: Guard<StartInputs> = (input, gaps) => {
  const key = activeStorageKey(input);
  const sidecar = sidecarOf(input);
  if (key === undefined || sidecar === undefined) return undefined;
  const seen = seenBy(8, input.registry, key.id, input.fullNodeId, gaps);
  if (seen === undefined) return undefined;
  if (seen.kind === 'refused') return seen.refusal;
  if (seen.kind === 'none') {
    if (!sidecar.storageEnvelopeActive) return undefined;
    return rollback(8, `${seen.why}, and the storage envelope is active (key ${key.id})`);
  }
  const foreign = foreignRow(seen.row, key.id, input.fullNodeId);
  if (foreign) return foreign;
  if (key.localEpoch >= seen.row.lastSeenEpoch) return undefined;
  const { lastSeenEpoch } = seen.row;
  return rollback(8, `key ${key.id}: sidecar epoch ${key.localEpoch}, last seen ${lastSeenEpoch}`);
};

const raftCutover: Guard<StartInputs> = (input) => {
  const sidecar = sidecarOf(input);
  if (sidecar === undefined || sidecar.raftEnvelopeCutoverIndex === 0n) return undefined;
  const cutover = `raft envelope cutover ${sidecar.raftEnvelopeCutoverIndex}`;
  if (input.rules.raftCutover === 'refused') {
    return refuse(10, 'raft-cutover-refused', [], `${cutover}: this build cannot unwrap entries`);
  }
  if (!guardedByEncryption(input)) return undefined;
  if (sidecar.active.raft === 0) {
    return refuse(10, 'raft-cutover-refused', [], `${cutover} and no active raft key`);
  }
  if (input.groups.length > 1) {
    const message = `${cutover} and ${input.groups.length} groups, one is supported`;
    return refuse(10, 'raft-cutover-refused', [], message);
  }
  return undefined;
};

function guardedByEncryption({ encryption, sidecar }: StartInputs): boolean {
  return encryption === true && sidecar.kind !== 'no-path';
}

function sidecarOf({ sidecar }: StartInputs): Sidecar | undefined {
  return sidecar.kind === 'valid' ? sidecar.sidecar : undefined;
}

function activeStorageKey(input: StartInputs): SidecarKey | undefined {
  const sidecar = guardedByEncryption(input) ? sidecarOf(input) : undefined;
  return sidecar && activeKey(sidecar, 'storage');
}

export function activeKey(sidecar: Sidecar, purpose: 'storage' | 'raft'): SidecarKey | undefined {
  return sidecar.keys.get(String(sidecar.active[purpose]));
}

function loadedKeys({ encryption, sidecar, kek }: StartInputs): Keystore | undefined {
  if (encryption !== true || sidecar.kind !== 'valid' || kek.kind !== 'loaded') return undefined;
  const keys = unwrapKeys(sidecar.sidecar, kek.kek);
  return keys instanceof Fault ? undefined : keys;
}

/** Also where the KEK is not at hand: the guards behind the replay judge the bumped epochs. */
function plannedBumps(input: StartInputs, sidecar: Sidecar): readonly EpochBump[] {
  const { rules } = input;
  const bumps: EpochBump[] = [];
  if (input.encryption !== true || input.kek.kind === 'none') return bumps;
  const raft = rules.raftEpoch && sidecar.raftEnvelopeCutoverIndex !== 0n;
  for (const purpose of raft ? (['storage', 'raft'] as const) : (['storage'] as const)) {
    const key = activeKey(sidecar, purpose);
    if (key === undefined) continue;
    bumps.push({ purpose, keyId: key.id, from: key.localEpoch, to: key.localEpoch + 1 });
  }
  return bumps;
}

function bumped(sidecar: Sidecar, bumps: readonly EpochBump[]): Sidecar {
  const keys = new Map(sidecar.keys);
  for (const { keyId, to } of bumps) {
    const name = String(keyId);
    const key = keys.get(name);
    if (key) keys.set(name, { ...key, localEpoch: to });
  }
  return { ...sidecar, keys };
}
