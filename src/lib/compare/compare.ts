/**
 * Which of several members' dirs to keep. Raft elects whoever has the newest log: the higher term of
 * the last entry, then the higher index; such a log holds every committed entry, as long as a majority
 * of the voters is among those compared. Equal logs are equally good, and the one whose store is
 * furthest has the least to do.
 */
import type { Finding } from '../core/finding.js';
import { relationOf, type Relation } from './member-log.js';
import type { MemberState } from './member.js';

export interface ComparedMember extends MemberState {
  /** Entries up to the newest log's last one; null where its own end is not known. */
  readonly behind: bigint | null;
  /** Its log against the newest one; null for that one itself. */
  readonly relation: Relation | null;
}

export interface Comparison {
  /** In the order they were named. */
  readonly members: readonly ComparedMember[];
  /** The newest log among those that boot; null where none does. */
  readonly keep: ComparedMember | null;
  /** The newest log of all; null where no log can be read. */
  readonly newest: ComparedMember | null;
  /** The highest commit that any of them knows. */
  readonly committed: bigint | null;
  /** Entries among those that the one to keep does not have. */
  readonly missing: bigint;
  /** Whose member list counts: that of the newest log, where it is known. */
  readonly lister: ComparedMember | null;
  /** Voters by that list, and how many of them were compared. */
  readonly voters: { readonly total: number; readonly seen: number };
  readonly findings: readonly Finding[];
}

export function compareMembers(states: readonly MemberState[]): Comparison {
  const newestState = best(states.filter(({ log }) => log !== null));
  const members = states.map((state) => comparedWith(state, newestState));
  const newest = memberOf(members, newestState);
  const keep = memberOf(
    members,
    best(states.filter((state) => boots(state) && state.log !== null)),
  );
  const committed = highest(states.map(({ commit }) => commit));
  const lister =
    members.find((member) => member === newest && hasList(member)) ?? members.find(hasList);
  const voters = votersSeen(lister, states);
  const missing = keep === null ? 0n : missingOf(keep, committed);
  const found = { members, keep, newest, committed, missing, lister: lister ?? null, voters };
  return { ...found, findings: findingsOf(found) };
}

function boots({ verdict }: MemberState): boolean {
  return verdict.startsWith('boots-') && verdict !== 'boots-new-cluster';
}

function best(states: readonly MemberState[]): MemberState | undefined {
  let found: MemberState | undefined;
  for (const state of states) {
    if (found === undefined || isBetter(state, found)) found = state;
  }
  return found;
}

/** Raft's rule for a vote, then the store that is furthest; the first one named wins a tie. */
function isBetter(a: MemberState, b: MemberState): boolean {
  const byLog = order(a.lastTerm, b.lastTerm) || order(a.lastIndex, b.lastIndex);
  return (byLog || order(a.appliedIndex, b.appliedIndex)) > 0;
}

function order(a: bigint | null, b: bigint | null): number {
  const [x, y] = [a ?? -1n, b ?? -1n];
  return x < y ? -1 : Number(x > y);
}

function comparedWith(state: MemberState, newest: MemberState | undefined): ComparedMember {
  const end = newest?.lastIndex ?? null;
  const behind = end === null || state.lastIndex === null ? null : end - state.lastIndex;
  const relation =
    newest === undefined || state === newest ? null : relationOf(newest.log, state.log);
  return { ...state, behind: behind !== null && behind < 0n ? 0n : behind, relation };
}

function memberOf(
  members: readonly ComparedMember[],
  state: MemberState | undefined,
): ComparedMember | null {
  return members.find(({ path }) => path === state?.path) ?? null;
}

function highest(values: readonly (bigint | null)[]): bigint | null {
  let found: bigint | null = null;
  for (const value of values) if (value !== null && order(value, found) > 0) found = value;
  return found;
}

/** A start that fails early says nothing of the members. */
function hasList({ members }: MemberState): boolean {
  return members.length > 0;
}

function votersSeen(
  lister: ComparedMember | undefined,
  states: readonly MemberState[],
): Comparison['voters'] {
  const voters = (lister?.members ?? []).filter(({ suffrage }) => suffrage === 'voter');
  const given = new Set(states.map(({ raftId }) => raftId));
  return { total: voters.length, seen: voters.filter(({ id }) => given.has(id)).length };
}

function findingsOf(found: Omit<Comparison, 'findings'>): Finding[] {
  return [
    ...found.members.flatMap((member) => historyFindings(member, found.newest)),
    ...choiceFindings(found),
    ...storeFindings(found.members),
    ...listFindings(found),
  ];
}

function historyFindings(member: ComparedMember, newest: ComparedMember | null): Finding[] {
  const { relation, path } = member;
  if (relation?.kind !== 'differs' || newest === null) return [];
  const { at, terms } = relation;
  const where = `${newest.path} and ${path} differ from index ${at} on`;
  const isCommitted = (state: MemberState): boolean => state.commit !== null && at <= state.commit;
  if (isCommitted(member) && isCommitted(newest)) {
    const both = terms[0] === terms[1] ? `term ${terms[0]} on both` : `term ${terms.join(' and ')}`;
    return [
      {
        code: 'compare-history-differs',
        severity: 'error',
        file: path,
        message: `${where}, which both hold for committed (${both}): they are no members of one group, or one of them has been changed`,
      },
    ];
  }
  const lost = member.lastIndex === null ? 0n : member.lastIndex - at + 1n;
  return [
    {
      code: 'compare-tail-differs',
      severity: 'note',
      file: path,
      message: `${where} (term ${terms.join(' and ')}): its last ${lost} entries were never committed and are overwritten once it follows`,
    },
  ];
}

function choiceFindings({
  keep,
  newest,
  committed,
  missing,
  voters,
}: Omit<Comparison, 'findings'>): Finding[] {
  const findings: Finding[] = [];
  if (newest !== null && keep !== null && newest.path !== keep.path && newer(newest, keep)) {
    findings.push({
      code: 'compare-newest-refuses',
      severity: 'warning',
      file: newest.path,
      message: `the newest log (term ${newest.lastTerm}, index ${newest.lastIndex}) is here, and this node does not boot: ${newest.refusal ?? newest.verdict}`,
    });
  }
  if (keep !== null && missing > 0n) {
    findings.push({
      code: 'compare-committed-missing',
      severity: 'warning',
      file: keep.path,
      message: `index ${committed} is committed by another's word, and the log here ends at ${keep.lastIndex}: ${missing} committed entries would be lost with it alone`,
    });
  }
  if (voters.total > 0 && voters.seen * 2 <= voters.total) {
    findings.push({
      code: 'compare-no-majority',
      severity: 'warning',
      message: `${voters.seen} of ${voters.total} voters were compared: others can hold committed entries that none of these has`,
    });
  }
  return findings;
}

/** Committed entries, by anybody's word, that this member does not have. */
function missingOf({ lastIndex }: MemberState, committed: bigint | null): bigint {
  const missing = (committed ?? 0n) - (lastIndex ?? 0n);
  return missing > 0n ? missing : 0n;
}

function newer(a: MemberState, b: MemberState): boolean {
  return (order(a.lastTerm, b.lastTerm) || order(a.lastIndex, b.lastIndex)) > 0;
}

function storeFindings(members: readonly ComparedMember[]): Finding[] {
  const first = new Map<bigint, ComparedMember>();
  const findings: Finding[] = [];
  for (const member of members) {
    const { appliedIndex, storeSha256, path } = member;
    if (appliedIndex === null || storeSha256 === null) continue;
    const other = first.get(appliedIndex);
    if (other === undefined) first.set(appliedIndex, member);
    else if (other.storeSha256 !== storeSha256) {
      findings.push({
        code: 'compare-stores-differ',
        severity: 'warning',
        file: path,
        message: `${other.path} and ${path} have applied ${appliedIndex} and hold different rows: ${other.storeSha256?.slice(0, 16)} and ${storeSha256.slice(0, 16)}`,
      });
    }
  }
  return findings;
}

function listFindings({ members, lister }: Omit<Comparison, 'findings'>): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, string>();
  for (const { raftId, path } of members) {
    const other = seen.get(raftId);
    if (raftId === '') continue;
    if (other === undefined) seen.set(raftId, path);
    else {
      findings.push({
        code: 'compare-same-node',
        severity: 'warning',
        file: path,
        message: `${other} and ${path} are both of raft id ${raftId}: two copies of one member count once`,
      });
    }
  }
  if (lister === null) return findings;
  const wanted = memberText(lister);
  for (const member of members) {
    if (!hasList(member) || memberText(member) === wanted) continue;
    findings.push({
      code: 'compare-members-differ',
      severity: 'note',
      file: member.path,
      message: `its member list (${memberText(member)}) is not that of ${lister.path} (${wanted})`,
    });
  }
  return findings;
}

function memberText({ members }: MemberState): string {
  return members
    .map(({ id, suffrage }) => (suffrage === 'voter' ? id : `${id} (learner)`))
    .sort()
    .join(', ');
}
