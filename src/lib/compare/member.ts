/** One member's dir as a comparison sees it: its next start, and its log. */
import type { BootInput } from '../engine/boot-input.js';
import type { BootReport, Member } from '../engine/boot-report.js';
import { predictBoot } from '../engine/boot.js';
import { MemberLog } from './member-log.js';
import { readLogAlone } from './log-alone.js';

export interface MemberState {
  /** The dir as it was typed. */
  readonly path: string;
  /** Empty where it is not known. */
  readonly raftId: string;
  readonly verdict: BootReport['verdict'];
  /** Why it would not start. */
  readonly refusal: string | null;
  /** The term of the hard state, and its commit; null where the log cannot be read. */
  readonly term: bigint | null;
  readonly commit: bigint | null;
  readonly snapshotIndex: bigint | null;
  /** Term and index of the last entry, or of the snapshot where no entry lies above it. */
  readonly lastTerm: bigint | null;
  readonly lastIndex: bigint | null;
  /** `H` of `fsm.db`. */
  readonly appliedIndex: bigint | null;
  /** Of `fsm.db`; null unless asked for. */
  readonly storeSha256: string | null;
  readonly members: readonly Member[];
  /** Null where there is none, or nothing of it can be read. */
  readonly log: MemberLog | null;
  /** The log ends in damage: what lies behind is not known. */
  readonly damaged: boolean;
}

/** @throws {IoError} the dir cannot be looked at at all */
export async function readMember(path: string, input: BootInput): Promise<MemberState> {
  const found: { log: MemberLog | null } = { log: null };
  const report = await predictBoot({
    ...input,
    watcher: {
      onLog: async (log) => {
        found.log = await MemberLog.of(log, input.pace);
      },
      onEntry: () => undefined,
    },
  });
  // A start that fails before raft has its log says nothing of it, and it can be the newest.
  const alone =
    found.log === null ? await readLogAlone(input.group, input.generation, input.pace) : null;
  const log = found.log ?? alone?.log ?? null;
  const last = log === null ? null : lastOf(log, report);
  const { verdict, refusal, hardState, snapshot, fsm, members } = report;
  return {
    path,
    raftId: input.raftId,
    verdict,
    refusal: refusal?.message ?? null,
    term: hardState?.term ?? alone?.term ?? null,
    commit: hardState?.commit ?? alone?.commit ?? null,
    snapshotIndex: snapshot?.index ?? null,
    lastTerm: last?.term ?? null,
    lastIndex: last?.index ?? null,
    appliedIndex: fsm.appliedIndex,
    storeSha256: fsm.sha256,
    members,
    log,
    damaged: alone?.damaged ?? false,
  };
}

interface Position {
  readonly index: bigint;
  readonly term: bigint;
}

function lastOf(log: MemberLog, { snapshot }: BootReport): Position | null {
  const term = log.termAt(log.last);
  if (term !== undefined) return { index: log.last, term };
  return snapshot === null ? null : { index: snapshot.index, term: snapshot.term };
}
