/** Exit statuses (spec/output.md §2): what each means, and which one wins. */
import type { ExitCode } from '../core/errors.js';
import type { Finding, Severity } from '../core/finding.js';

export interface ExitMeaning {
  readonly code: ExitCode;
  readonly name: string;
  readonly means: string;
}

export const EXIT_MEANINGS: readonly ExitMeaning[] = [
  { code: 0, name: 'ok', means: 'ran to the end, nothing wrong' },
  {
    code: 1,
    name: 'usage',
    means:
      'the request or the environment: bad flag, unknown command, no such file, no permission, ' +
      'target exists',
  },
  {
    code: 2,
    name: 'damaged',
    means: 'the data is damaged: CRC, token, structure, an invariant broken',
  },
  {
    code: 3,
    name: 'attention',
    means:
      'sound, but look: torn tail that a boot would cut, files a boot would delete, a full ' +
      'restore ahead, a hazard of the boot',
  },
  {
    code: 4,
    name: 'refuses',
    means:
      'a node would refuse to boot (or halt in replay) from this; also when the reason is damage',
  },
  {
    code: 5,
    name: 'inconclusive',
    means: 'unknown version, encrypted and no key, an unreadable part',
  },
  { code: 70, name: 'bug', means: 'a bug in the tool; nothing is said about the data' },
  { code: 124, name: 'timed-out', means: 'the work took longer than --timeout' },
  { code: 130, name: 'interrupted', means: 'a signal ended the work' },
];

/**
 * Which status wins when several apply, worst first. The dry run answers one question, so damage
 * that does not stop the boot is a finding and counts as 3.
 */
export const EXIT_ORDERS = {
  damageFirst: [2, 4, 5, 3],
  dryRun: [4, 5, 3],
} as const satisfies Readonly<Record<string, readonly ExitCode[]>>;

export type ExitOrder = keyof typeof EXIT_ORDERS;

export const SEVERITIES = ['error', 'warning', 'note'] as const satisfies readonly Severity[];

/**
 * The status that a report ends with.
 *
 * An error counts as 2, a warning or note as 3, unless the finding says what it stands for; findings
 * below the `failOn` line count as nothing.
 * `grounds` are statuses the command has established apart from its findings (4: refuses, 5:
 * inconclusive, …); they are facts about the input, so `failOn` does not move them.
 */
export function exitStatus(
  findings: readonly Finding[],
  grounds: readonly ExitCode[],
  failOn: Severity = 'warning',
  order: ExitOrder = 'damageFirst',
): ExitCode {
  const line = SEVERITIES.indexOf(failOn);
  const reached = new Set<ExitCode>(grounds);
  for (const finding of findings) {
    if (SEVERITIES.indexOf(finding.severity) > line) continue;
    reached.add(finding.exitCode ?? (finding.severity === 'error' ? 2 : 3));
  }
  const ranked: readonly ExitCode[] = EXIT_ORDERS[order];
  if (reached.has(2) && !ranked.includes(2)) reached.add(3);
  return ranked.find((code) => reached.has(code)) ?? 0;
}

/** The verdict of a command that has no words of its own: `ok`, `damaged`, `attention`, … */
export function verdictOf(status: ExitCode): string {
  return EXIT_MEANINGS.find((meaning) => meaning.code === status)?.name ?? 'ok';
}
