import type { Finding } from '../core/finding.js';
import type { BootReport } from '../engine/boot-report.js';

/**
 * The index the boot's store stands at before anything is delivered: a store as of an earlier one
 * cannot be had from these files.
 */
export function baseIndexOf({ gate, snapshot, fsm }: BootReport): bigint {
  const restored = gate.outcome === 'executed' || gate.outcome === 'fallback';
  const inline = snapshot?.inline === true;
  if (restored || inline) return snapshot?.index ?? 0n;
  return fsm.appliedIndex ?? 0n;
}

/** Said when the store that was asked for is older than what the boot starts from. */
export function untilFindings(boot: BootReport, until: bigint): Finding[] {
  const base = baseIndexOf(boot);
  if (base <= until) return [];
  const from = boot.gate.outcome === 'skipped' ? 'fsm.db' : 'the snapshot';
  return [
    {
      code: 'replay-until-below',
      severity: 'warning',
      index: until,
      message: `${from} is at ${base} already: there is no way back to ${until} in these files`,
    },
  ];
}
