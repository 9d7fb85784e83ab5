/**
 * The start-up guards that run once the engine has replayed (spec/encryption.md §6):
 *
 *     B  8 again, 9, 6 again, 11
 *     A  9
 *
 * Guards 8 and 11 judge the keys and epochs that the boot's own bump chose (`StartOutcome.bumps`):
 * they hold for the process life, whatever the replayed entries did to the sidecar meanwhile.
 */
import { foreignRow, rollback, seenBy } from './guard-registry.js';
import {
  refuse,
  type EpochBump,
  type GuardGap,
  type GuardRefusal,
  type ReplayedInputs,
  type StartInputs,
} from './guard-inputs.js';
import { divergence, type StartOutcome } from './guards.js';

export interface ReplayedOutcome {
  readonly verdict: 'pass' | 'refuses' | 'inconclusive';
  readonly refusal: GuardRefusal | null;
  readonly gaps: readonly GuardGap[];
  /** `raft_applied_index` is 0: guard 9 warns and passes. */
  readonly appliedIndexZero: boolean;
}

/** Judges the rest of the start; `start` must not have refused. */
export function judgeReplayed(
  input: StartInputs,
  start: StartOutcome,
  replayed: ReplayedInputs,
): ReplayedOutcome {
  const gaps: GuardGap[] = [];
  const pass = { verdict: 'pass', refusal: null, gaps, appliedIndexZero: false } as const;
  if (input.encryption !== true || replayed.sidecar.kind === 'no-path') return pass;
  const bump = (purpose: EpochBump['purpose']): EpochBump | undefined =>
    start.bumps.find((b) => b.purpose === purpose);
  const refusal =
    (input.rules.storageEpoch
      ? storageEpochAgain(input, replayed, bump('storage'), gaps)
      : undefined) ??
    behindLog(replayed, gaps) ??
    (input.rules.cutoverDivergence ? divergenceAgain(replayed) : undefined) ??
    (input.rules.raftEpoch ? raftEpoch(input, replayed, bump('raft'), gaps) : undefined);
  const { sidecar } = replayed;
  return {
    verdict: refusal ? 'refuses' : gaps.length === 0 ? 'pass' : 'inconclusive',
    refusal: refusal ?? null,
    gaps,
    appliedIndexZero: sidecar.kind === 'valid' && sidecar.sidecar.raftAppliedIndex === 0n,
  };
}

/** Guard 8 with the bumped epoch: it must now be above everything seen. */
function storageEpochAgain(
  input: StartInputs,
  replayed: ReplayedInputs,
  bump: EpochBump | undefined,
  gaps: GuardGap[],
): GuardRefusal | undefined {
  if (bump === undefined) return undefined;
  const seen = seenBy(8, replayed.registry, bump.keyId, input.fullNodeId, gaps);
  if (seen === undefined) return undefined;
  if (seen.kind === 'refused') return seen.refusal;
  if (seen.kind === 'none') {
    const { sidecar } = replayed;
    const active = sidecar.kind === 'valid' && sidecar.sidecar.storageEnvelopeActive;
    return active
      ? rollback(8, `${seen.why}, and the storage envelope is active (key ${bump.keyId})`)
      : undefined;
  }
  const foreign = foreignRow(seen.row, bump.keyId, input.fullNodeId);
  if (foreign) return foreign;
  if (bump.to > seen.row.lastSeenEpoch) return undefined;
  const last = seen.row.lastSeenEpoch;
  return rollback(8, `key ${bump.keyId}: bumped epoch ${bump.to}, last seen ${last} after replay`);
}

/** Guard 9: an applied encryption entry that the sidecar does not know of. */
function behindLog(replayed: ReplayedInputs, gaps: GuardGap[]): GuardRefusal | undefined {
  const { sidecar, applied, snapshotIndex, lastIndex } = replayed;
  if (sidecar.kind === 'unknown') {
    gaps.push({ guard: 9, needs: '--sidecar', message: 'the sidecar’s raft_applied_index' });
  }
  if (sidecar.kind !== 'valid') return undefined;
  const known = sidecar.sidecar.raftAppliedIndex;
  if (known === 0n || known >= applied) return undefined;
  const gap = `the sidecar knows entries up to ${known}, ${applied} are applied`;
  if (known < snapshotIndex) {
    const message = `${gap}, and those up to ${snapshotIndex} are compacted`;
    return refuse(9, 'sidecar-gap-compacted', [], message);
  }
  if (applied > lastIndex) {
    const message = `${gap}, and the log ends at ${lastIndex}: raft panics`;
    return { ...refuse(9, 'sidecar-gap-beyond-log', [], message), panic: true };
  }
  for (let index = known + 1n; index <= applied; index++) {
    const opcode = replayed.opcodeAt(index);
    if (opcode === undefined || opcode < 0x04 || opcode > 0x07) continue;
    const message = `${gap}, and entry ${index} carries encryption opcode 0x0${opcode}`;
    return refuse(9, 'sidecar-behind-log', ['ErrSidecarBehindRaftLog'], message);
  }
  return undefined;
}

/** Guard 6, second time: a missing sidecar passes. */
function divergenceAgain({ sidecar, restoredCutover }: ReplayedInputs): GuardRefusal | undefined {
  if (sidecar.kind !== 'valid') return undefined;
  return divergence(restoredCutover, sidecar.sidecar.raftEnvelopeCutoverIndex);
}

/** Guard 11: whoever's row it is, its last epoch must be below the bumped one. Missing counts 0. */
function raftEpoch(
  input: StartInputs,
  replayed: ReplayedInputs,
  bump: EpochBump | undefined,
  gaps: GuardGap[],
): GuardRefusal | undefined {
  if (bump === undefined) return undefined;
  const seen = seenBy(11, replayed.registry, bump.keyId, input.fullNodeId, gaps);
  if (seen === undefined) return undefined;
  if (seen.kind === 'refused') return seen.refusal;
  const last = seen.kind === 'row' ? seen.row.lastSeenEpoch : 0;
  if (bump.to > last) return undefined;
  return rollback(11, `raft key ${bump.keyId}: bumped epoch ${bump.to}, last seen ${last}`);
}
