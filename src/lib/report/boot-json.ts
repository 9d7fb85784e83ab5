/** The dry run's `result`, in the field order and number forms of spec/output.md §3 and §4. */
import { hex32 } from '../bytes/hex.js';
import type { BootReport, EntryRecord, GateReport } from '../engine/boot-report.js';
import type { Shape } from './schema/declare.js';
import type { BOOT, ENTRY } from './schema/boot.js';

type BootJson = Shape<typeof BOOT>;

export function bootResult(
  report: BootReport,
  entryList: readonly EntryRecord[] | null,
  wantStore: boolean,
): BootJson {
  const { snapshot, store } = report;
  return {
    generation: report.generation,
    verdict: report.verdict,
    snapshot: snapshot && {
      ...snapshot,
      token: snapshot.token && {
        index: snapshot.token.index,
        crc32c: hex32(snapshot.token.crc32c),
      },
    },
    hardState: report.hardState,
    log: report.log,
    fsm: fsmResult(report),
    gate: gateResult(report.gate),
    refusal: report.refusal,
    counters: report.counters,
    entries: report.entries,
    entryList: entryList === null ? undefined : entryList.map(entryResult),
    store: wantStore ? store : undefined,
    actions: report.actions.map(({ size, ...action }) => ({
      kind: action.kind,
      path: action.path,
      size: size === null ? null : String(size),
      detail: action.detail,
      lossy: action.lossy,
      sha256: action.sha256,
    })),
    members: report.members,
  };
}

function fsmResult({ fsm }: BootReport): BootJson['fsm'] {
  if (fsm.absent) return { absent: true };
  const { appliedIndex, lastCommitTs, keys, sha256 } = fsm;
  return { appliedIndex, lastCommitTs, keys, sha256: sha256 ?? undefined };
}

function gateResult(gate: GateReport): BootJson['gate'] {
  return {
    outcome: gate.outcome,
    reason: gate.reason,
    snapshotIndex: gate.snapshotIndex,
    have: gate.have,
    threshold: gate.threshold,
    gap: gate.gap,
    between: gate.between ?? undefined,
  };
}

/** One record of `replay-wal`, and of `entryList`. */
export function entryResult(entry: EntryRecord): Shape<typeof ENTRY> {
  return {
    type: 'entry',
    index: entry.index,
    term: entry.term,
    file: entry.file,
    offset: entry.offset === null ? null : String(entry.offset),
    entryType: entry.entryType,
    committed: entry.committed,
    disposition: entry.disposition,
    told: entry.told,
    applied: entry.applied,
    tag: entry.tag,
    proposalId: entry.proposalId,
    wrapped: entry.wrapped,
    payloadLength: entry.payloadLength,
    payloadSha256: entry.payloadSha256,
    requests: entry.requests.map(({ errorNames, errorKeyHex, ...request }) => ({
      phase: request.phase,
      ts: request.ts,
      commitTs: request.commitTs,
      mutations: request.mutations,
      error: request.error,
      errorNames: errorNames.length > 1 ? errorNames : undefined,
      errorKeyHex: errorKeyHex ?? undefined,
      keyHex: request.keyHex,
    })),
    error: entry.error,
    errorNames: entry.errorNames.length > 1 ? entry.errorNames : undefined,
    ceilingMs: entry.ceilingMs,
  };
}
