import type { BootReport } from '../../engine/boot-report.js';
import type { Landmarks } from '../../engine/landmarks.js';
import type { IndexLine } from '../index-layout.js';

/** The index line of a predicted boot: what it found, and what it delivers. */
export function indexLineOf(report: BootReport, landmarks: Landmarks): IndexLine {
  const { snapshot, hardState, log, fsm, counters, refusal, gate } = report;
  const delivers = refusal === null && log !== null;
  const skipped = gate.outcome === 'skipped';
  return {
    snapshot: snapshot?.index ?? null,
    applied: fsm.appliedIndex,
    commit: hardState?.commit ?? null,
    tail: log?.last ?? null,
    first: log?.first ?? null,
    floor: delivers ? counters.raftApplied : null,
    deliveredTo: delivers ? counters.commitIndex : null,
    duplicatesTo: delivers ? ((skipped ? gate.have : snapshot?.index) ?? null) : null,
    snapshots: landmarks.snapshots,
    segments: landmarks.segments,
  };
}
