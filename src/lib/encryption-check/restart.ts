/**
 * The restart hazard of guard 9 before it bites (spec/encryption.md §6). The guard reads the log
 * behind the sidecar's `raft_applied_index`, and only encryption entries raise that number. So an
 * ordinary node refuses every start once its newest snapshot has passed the last of them:
 *
 *     raft_applied_index a      snapshot S      applied
 *     a >= S                    a start passes; the next snapshot is taken at S + 10,000
 *     0 < a < S, a < applied    every start refuses: "compacted"
 *     a = 0                     the guard only warns
 */
import type { Finding } from '../core/finding.js';
import { predictBoot } from '../engine/boot.js';
import type { BootInput } from '../engine/boot-input.js';
import type { BootReport } from '../engine/boot-report.js';
import type { LogWalk, OpcodeEntry } from './log-walk.js';

/** `ELASTICKV_RAFT_SNAPSHOT_COUNT` at its default: entries between two local snapshots. */
export const SNAPSHOT_EVERY = 10_000n;

export interface RestartOutlook {
  readonly state: 'refuses' | 'ahead' | 'not-armed' | 'unknown';
  /** The node's error names, where it refuses. */
  readonly errors: readonly string[];
  readonly message: string;
  readonly sidecarAppliedIndex: bigint;
  readonly snapshotIndex: bigint;
  /** At rest after the next start, where one was predicted; else the log's commit. */
  readonly appliedIndex: bigint;
  /** The last entry in the log that moves `raft_applied_index`. */
  readonly lastEncryptionEntry: OpcodeEntry | null;
  /** Entries until the next local snapshot, which passes the last encryption entry. */
  readonly entriesLeft: bigint | null;
}

/** @param input with guards, encryption on and the sidecar; no digest and no entries wanted */
export async function restartOutlook(
  input: BootInput,
  log: LogWalk | undefined,
): Promise<RestartOutlook | null> {
  const { sidecar } = input.encryption;
  const known = sidecar.kind === 'valid' ? sidecar.sidecar.raftAppliedIndex : 0n;
  const report = await predictBoot(input);
  const { refusal, counters } = report;
  const started = counters.lastIndex > 0n;
  const snapshotIndex = started ? counters.lastSnapshotIndex : (log?.snapshotIndex ?? 0n);
  const appliedIndex = started ? counters.appliedIndex : (log?.commit ?? 0n);
  const facts = {
    sidecarAppliedIndex: known,
    snapshotIndex,
    appliedIndex,
    lastEncryptionEntry: log?.lastOpcode ?? null,
  };
  if (refusal !== null && report.verdict === 'refuses') {
    const { errors, message } = refusal;
    return { ...facts, state: 'refuses', errors, message, entriesLeft: 0n };
  }
  if (sidecar.kind !== 'valid') return { ...facts, ...unknownBecause(report) };
  const after = report.sidecarAfter?.raftAppliedIndex ?? known;
  if (after !== 0n && after < snapshotIndex && after < appliedIndex) {
    const message =
      `the sidecar knows entries up to ${after}, those up to ${snapshotIndex} are compacted: ` +
      'every start with encryption on ends at guard 9';
    return { ...facts, state: 'refuses', errors: GAP, message, entriesLeft: 0n };
  }
  if (report.verdict === 'inconclusive') return { ...facts, ...unknownBecause(report) };
  if (after === 0n) {
    const message = 'raft_applied_index is 0: guard 9 warns and passes';
    return { ...facts, state: 'not-armed', errors: [], message, entriesLeft: null };
  }
  const due = snapshotIndex + SNAPSHOT_EVERY;
  const entriesLeft = due > appliedIndex ? due - appliedIndex : 0n;
  const message =
    `the next start passes; the snapshot at about ${due} will pass entry ${after}, the last that ` +
    'the sidecar knows of, and every start after it refuses';
  return { ...facts, state: 'ahead', errors: [], message, entriesLeft };
}

const GAP = ['sidecar-gap-compacted'];

function unknownBecause(
  report: BootReport,
): Pick<RestartOutlook, 'state' | 'errors' | 'message' | 'entriesLeft'> {
  const gap = report.findings.find(
    ({ code }) => code === 'guard-inconclusive' || code === 'encryption-unknown',
  );
  const message = gap?.message ?? 'the next start could not be predicted';
  return { state: 'unknown', errors: [], message, entriesLeft: null };
}

/** What the outlook is to an operator; nothing where no start is in danger. */
export function restartFinding(outlook: RestartOutlook): Finding | null {
  const { state, message, errors, entriesLeft } = outlook;
  switch (state) {
    case 'refuses':
      return {
        code: 'restart-refused',
        severity: 'error',
        message: `the next start refuses: ${message}`,
        nodeError: errors.find((name) => name.startsWith('Err')),
        exitCode: 4,
      };
    case 'ahead':
      return {
        code: 'restart-hazard-ahead',
        severity: 'warning',
        index: outlook.lastEncryptionEntry?.index,
        message: `${entriesLeft ?? 0n} entries are left: ${message}`,
      };
    case 'unknown':
      return {
        code: 'restart-not-judged',
        severity: 'warning',
        message: `whether the next start refuses cannot be told: ${message}`,
        exitCode: 5,
      };
    case 'not-armed':
      return null;
  }
}
