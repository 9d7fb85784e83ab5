/** Legacy raft state (spec/etcd-wal.md §6.9) with the FSM payload that its snapshot may hold. */
import type { Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import { MemorySource, type ByteSource } from '../io/byte-source.js';
import type { FsmReport } from '../snapshot/inspect.js';
import { decodeSnapshotData } from '../snapshot/token.js';
import { inspectFsmFile } from './fsm.js';
import { readLegacy, type LegacyReport } from './small-files.js';

export type LegacyKind = 'legacy-state' | 'legacy-meta' | 'legacy-entries';

export interface LegacyInspection {
  readonly report: LegacyReport | undefined;
  /** Of the snapshot's data, where that is a payload. */
  readonly payload: FsmReport | undefined;
  readonly findings: readonly Finding[];
}

/** @throws {IoError} */
export async function inspectLegacy(
  source: ByteSource,
  kind: LegacyKind,
  pace: Pace,
): Promise<LegacyInspection> {
  const { value: report, findings } = readLegacy(source, kind);
  const data = report?.snapshot?.data;
  const isPayload =
    data !== undefined && decodeSnapshotData(data, { path: source.path }).kind === 'inline';
  if (!isPayload) return { report, payload: undefined, findings };
  const inside = new MemorySource(`${source.path}: snapshot data`, data);
  const payload = await inspectFsmFile(inside, { container: false, found: undefined, pace });
  return { report, payload, findings: [...findings, ...payload.findings] };
}
