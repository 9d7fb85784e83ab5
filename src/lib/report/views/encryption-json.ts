/** The `result` of `ekv encryption check`, in its field order. */
import type { EncryptionReport, PlaceReport } from '../../encryption-check/check.js';

export function encryptionResult(report: EncryptionReport): object {
  const { sidecar, restart } = report;
  return {
    keysGiven: report.keysGiven,
    sidecar: sidecar && {
      version: sidecar.version,
      raftAppliedIndex: sidecar.raftAppliedIndex,
      storageEnvelopeActive: sidecar.storageEnvelopeActive,
      storageEnvelopeCutoverIndex: sidecar.storageEnvelopeCutoverIndex,
      raftEnvelopeCutoverIndex: sidecar.raftEnvelopeCutoverIndex,
      active: { storage: sidecar.active.storage, raft: sidecar.active.raft },
    },
    keys: report.keys,
    cutover: report.cutover,
    places: report.places.map(placeResult),
    wrappedEntries: report.standings,
    registry: report.registry,
    restart,
  };
}

function placeResult(place: PlaceReport): object {
  const { totals } = place;
  return {
    name: place.name,
    kind: place.kind,
    whole: place.whole,
    rows: totals.rows,
    clearRows: totals.clearRows,
    encryptedRows: totals.encryptedRows,
    wrappedEntries: totals.entries,
    verified: place.verified,
    failed: place.failed,
    malformed: totals.malformed,
    relabelledRows: totals.relabelledRows,
    reusedNonces: totals.reusedNonces,
    keys: place.keys,
    writers: place.writers,
  };
}
