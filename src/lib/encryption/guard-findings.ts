/** What the guards have to say besides a refusal: what was not known, and what only warns. */
import type { Finding } from '../core/finding.js';
import type { GuardGap } from './guard-inputs.js';
import type { ReplayedOutcome } from './guards-replayed.js';
import type { StartOutcome } from './guards.js';

export function guardFindings(start: StartOutcome, replayed?: ReplayedOutcome): Finding[] {
  const findings = [...start.gaps, ...(replayed?.gaps ?? [])].map(gapFinding);
  if (replayed?.appliedIndexZero === true) {
    const message = 'raft_applied_index of the sidecar is 0: guard 9 warns and passes';
    findings.push({ code: 'sidecar-applied-zero', severity: 'warning', message });
  }
  return findings;
}

function gapFinding({ guard, needs, message }: GuardGap): Finding {
  const name = guard === 0 ? 'the loading of the KEK' : `start-up guard ${guard}`;
  return {
    code: 'guard-input-missing',
    severity: 'warning',
    message: `${name} could not be judged without ${needs}: ${message}`,
  };
}
