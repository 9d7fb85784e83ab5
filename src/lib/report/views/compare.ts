/** `ekv compare` for people: which dir to keep and why, then the members side by side. */
import type { ComparedMember, Comparison } from '../../compare/compare.js';
import type { ExitCode } from '../../core/errors.js';
import { copyCommand, dirWord, shellWord, siblingOf } from '../next-commands.js';
import { countText, plural } from '../sizes.js';
import type { Column } from '../table.js';
import type { Theme } from '../theme.js';
import type { ToDo } from '../what-to-do.js';

/** `KEEP  n2: the newest log, term 3 up to index 412, of 3 members; nothing committed is missing`. */
export function verdictText(found: Comparison, status: ExitCode, theme: Theme): string {
  const paint = status === 0 ? theme.good : status === 3 ? theme.attention : theme.bad;
  const { keep, members, missing, newest } = found;
  if (keep === null) {
    return `${theme.bad('NONE')}  none of ${plural(members.length, 'member')} boots as it is`;
  }
  const at = `term ${keep.lastTerm ?? 0n} up to index ${countText(keep.lastIndex ?? 0n)}`;
  const end =
    missing === 0n
      ? 'nothing committed is missing'
      : `${missing} COMMITTED ${missing === 1n ? 'ENTRY IS' : 'ENTRIES ARE'} MISSING`;
  const of = isAsNew(keep, newest)
    ? `the newest log of ${members.length}`
    : 'the newest that boots';
  return `${paint('KEEP')}  ${labelOf(keep, members)}: ${of}, ${at}; ${end}`;
}

function isAsNew(keep: ComparedMember, newest: ComparedMember | null): boolean {
  return keep.lastTerm === newest?.lastTerm && keep.lastIndex === newest?.lastIndex;
}

function labelOf(one: ComparedMember, members: readonly ComparedMember[]): string {
  return labelsOf(members.map(({ path }) => path))[members.indexOf(one)] ?? one.path;
}

export const MEMBER_COLUMNS: readonly Column[] = [
  { title: 'member', prose: true },
  { title: 'next start' },
  { title: 'last term', align: 'right' },
  { title: 'last index', align: 'right' },
  { title: 'commit', align: 'right' },
  { title: 'applied', align: 'right' },
  { title: 'behind', align: 'right' },
  { title: 'its log', prose: true },
];

/** As little of the ends of paths as tells them apart: a table has no room for whole ones. */
export function labelsOf(paths: readonly string[]): string[] {
  const parts = paths.map((path) => path.replace(/(?<=.)\/+$/, '').split('/'));
  const depth = Math.max(...parts.map((words) => words.length));
  for (let n = 1; n <= depth; n++) {
    const labels = parts.map((words) => words.slice(-n).join('/'));
    if (new Set(labels).size === new Set(paths).size) return labels;
  }
  return [...paths];
}

export function memberRows({ members, keep, newest }: Comparison): string[][] {
  const labels = labelsOf(members.map(({ path }) => path));
  return members.map((member, i) => [
    member.raftId === '' || labels[i]?.endsWith(member.raftId) === true
      ? (labels[i] ?? '')
      : `${labels[i]} (${member.raftId})`,
    member.verdict + (member === keep ? ' <==' : ''),
    number(member.lastTerm),
    number(member.lastIndex),
    number(member.commit),
    number(member.appliedIndex),
    number(member.behind),
    relationText(member, newest),
  ]);
}

function number(value: bigint | null): string {
  return value === null ? '-' : countText(value);
}

function relationText(member: ComparedMember, newest: ComparedMember | null): string {
  const text = relationWords(member, newest);
  return member.damaged ? `${text}; DAMAGED behind its end` : text;
}

function relationWords({ relation, log }: ComparedMember, newest: ComparedMember | null): string {
  if (log === null) return 'cannot be read';
  if (relation === null) return 'the newest';
  if (relation.kind === 'same') {
    return relation.to === newest?.lastIndex
      ? `the same from ${relation.from} on`
      : `the same from ${relation.from} to ${relation.to}`;
  }
  return relation.kind === 'differs'
    ? `differs from ${relation.at} on`
    : 'nothing in common to compare';
}

export function fieldsOf(found: Comparison): (readonly [string, string | undefined])[] {
  const { keep, voters, committed, members } = found;
  const digests = members.filter(({ storeSha256 }) => storeSha256 !== null);
  return [
    ['keep', keep?.path],
    [
      'committed',
      committed === null ? undefined : `up to ${countText(committed)}, as far as known`,
    ],
    ['voters', voters.total === 0 ? undefined : `${voters.seen} of ${voters.total} compared`],
    ...digests.map(
      ({ path, appliedIndex, storeSha256 }) =>
        [
          'store',
          `${storeSha256?.slice(0, 16)} at ${countText(appliedIndex ?? 0n)}: ${path}`,
        ] as const,
    ),
  ];
}

/** @param generation  as typed, for the commands; undefined where it was not */
export function compareSteps(found: Comparison, generation: string | undefined): ToDo[] {
  const { keep, newest, voters } = found;
  const flags = generation === undefined ? '' : ` --generation ${generation}`;
  const steps: ToDo[] = [];
  const refusing = newest !== null && newest.path !== keep?.path ? newest : null;
  if (refusing !== null && !refusing.verdict.startsWith('boots-')) {
    const dir = dirWord(refusing.path);
    steps.push({
      text: `See first whether ${refusing.path}, whose log is the newest, can be brought up.`,
      commands: [
        `ekv cold-start-dryrun --data-dir ${dir}${flags}`,
        `ekv snapshots --data-dir ${dir}${flags}`,
      ],
    });
  }
  if (keep === null) return steps;
  const dir = dirWord(keep.path);
  steps.push({
    text: 'Copy every dir before anything is started on it.',
    commands: found.members.map(({ path }) => copyCommand(dirWord(path))),
  });
  const majority = Math.floor(voters.total / 2) + 1;
  if (voters.total > 0) {
    steps.push({
      text:
        `With ${majority} of ${voters.total} voters running, start them all: raft itself ` +
        'elects the newest log and the others follow it.',
      commands: [],
    });
  }
  steps.push({
    text: 'If only this one is left, make a new cluster of it; the plan says what is lost.',
    commands: [
      `ekv restore --from-dir ${dir} --fresh-cluster --raft-id ID --peers ${shellWord('ID=HOST:PORT')} --output ${siblingOf(dir, 'fresh')}`,
    ],
  });
  return steps;
}

/** The `result` of the JSON document. */
export function compareResult(found: Comparison): object {
  return {
    keep: found.keep?.path ?? null,
    newest: found.newest?.path ?? null,
    committed: found.committed,
    missing: found.missing,
    voters: found.voters,
    members: found.members.map((member) => ({
      path: member.path,
      raftId: member.raftId === '' ? null : member.raftId,
      verdict: member.verdict,
      refusal: member.refusal,
      term: member.term,
      commit: member.commit,
      snapshotIndex: member.snapshotIndex,
      lastTerm: member.lastTerm,
      lastIndex: member.lastIndex,
      appliedIndex: member.appliedIndex,
      storeSha256: member.storeSha256,
      behind: member.behind,
      relation: member.relation,
      damaged: member.damaged,
      members: member.members,
    })),
  };
}
