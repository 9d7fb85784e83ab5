import type { ExitCode } from '../../src/lib/core/errors.js';
import type { Finding, Severity } from '../../src/lib/core/finding.js';

export function findingsOf(severities: readonly string[] = []): Finding[] {
  return severities.map((severity) => ({
    code: 'truncated',
    severity: severity as Severity,
    file: 'wal/0.wal',
    offset: 8204,
    index: 83n,
    message: 'ends early',
    nodeError: 'ErrX',
    next: ['ekv look'],
  }));
}

export function exitCodes(words: readonly string[] = []): ExitCode[] {
  return words.map((word) => Number(word) as ExitCode);
}
