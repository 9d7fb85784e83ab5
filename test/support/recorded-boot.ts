/**
 * Compares a predicted boot with a recorded one, field by field, as spec/output.md §6 says. Returns
 * one line per difference; an empty list is agreement.
 */
import type { BootReport, EntryRecord } from '../../src/lib/engine/boot-report.js';

export interface RecordedError {
  readonly names: readonly string[];
  readonly text: string;
  readonly keyHex?: string;
}

export interface RecordedApply {
  readonly told: boolean;
  readonly index?: string;
  readonly payloadLen: number;
  readonly payloadSha256: string;
  readonly error?: RecordedError;
  readonly errors?: readonly (RecordedError | null)[];
  readonly ceilingAfter: string;
}

export interface RecordedStore {
  readonly keys: number;
  readonly sha256: string;
  readonly meta: Readonly<Record<string, string>>;
}

export interface RecordedBoot {
  readonly crash?: string;
  readonly openError?: RecordedError;
  readonly halt?: RecordedError;
  readonly gate?: {
    readonly outcome: string;
    readonly reason?: string;
    readonly have?: string;
    readonly snapshotIndex: string;
  } | null;
  readonly applies?: readonly RecordedApply[] | null;
  readonly appliedIndex: string;
  readonly commitIndex: string;
  readonly lastLogIndex: string;
  readonly term: string;
  readonly ceilingMs: string;
  readonly hlcLast: string;
  readonly restoredCutover: string;
  readonly lastSnapshotIndex: string;
  readonly restoreCalls: number;
  readonly headerApplies: readonly string[] | null;
  readonly durablePins: readonly number[] | null;
  readonly storeBefore?: RecordedStore | 'absent';
  readonly store?: RecordedStore | 'absent' | null;
  readonly filesAfter: readonly string[];
  readonly peersAfterHex?: string;
  readonly configuration: readonly string[] | null;
}

export interface RecordedNode {
  readonly scenario: { readonly voters: number; readonly faults?: readonly string[] };
  readonly filesBefore: readonly string[];
  readonly outcomes: Readonly<Record<string, RecordedBoot>>;
}

/** Identities the recorder asked for; others are missing in its `names` (spec/output.md §6). */
const ASKED = new Set(
  `ErrInvalidRequest ErrUnknownRequestType ErrSnapshotHeaderInvalidLength
  ErrSnapshotHeaderUnknownMagic ErrTxnMetaMissing ErrTxnInvalidMeta ErrTxnLocked
  ErrTxnCommitTSRequired ErrTxnAlreadyCommitted ErrTxnAlreadyAborted ErrTxnPrimaryKeyRequired
  ErrWriteConflict ErrKeyNotFound ErrUnknownOp ErrNotSupported ErrInvalidChecksum
  ErrReadTSCompacted ErrSnapshotKeyTooLarge ErrValueTooLarge ErrRaftUnwrapFailed
  ErrFSMSnapshotFileCRC ErrFSMSnapshotTokenCRC ErrFSMSnapshotNotFound ErrFSMSnapshotTooSmall
  ErrFSMSnapshotTokenInvalid ErrUnknownKeyID ErrIntegrity ErrEnvelopeShort ErrEnvelopeVersion
  ErrEncryptionApply ErrKEKNotConfigured UnexpectedEOF`.split(/\s+/),
);

const META_NAMES = [
  '_meta_last_commit_ts',
  '_meta_min_retained_ts',
  '_meta_pending_min_retained_ts',
  '_meta_applied_index',
];

function asked(names: readonly string[], leaveOut: string[] = []): string {
  return names
    .filter((name) => ASKED.has(name) && !leaveOut.includes(name))
    .sort()
    .join(',');
}

class Differences {
  readonly lines: string[] = [];

  same(what: string, predicted: unknown, recorded: unknown): void {
    if (predicted !== recorded) {
      this.lines.push(`${what}: predicted ${String(predicted)}, recorded ${String(recorded)}`);
    }
  }
}

function compareGate(out: Differences, report: BootReport, recorded: RecordedBoot): void {
  const gate = recorded.gate;
  out.same('gate.outcome', report.gate.outcome, gate?.outcome ?? 'none');
  if (!gate) return;
  out.same('gate.reason', report.gate.reason ?? undefined, gate.reason);
  out.same('gate.have', report.gate.have?.toString(), gate.have);
  out.same('gate.snapshotIndex', report.gate.snapshotIndex?.toString(), gate.snapshotIndex);
}

/** Text of a locked key as Go prints it: what is not valid UTF-8 becomes U+FFFD, byte by byte. */
function goText(keyHex: string): string {
  const bytes = Buffer.from(keyHex, 'hex');
  let out = '';
  for (let i = 0; i < bytes.length;) {
    let taken = 1;
    let text = '\uFFFD';
    for (const n of [1, 2, 3, 4]) {
      const piece = bytes.subarray(i, i + n).toString('utf8');
      if (i + n <= bytes.length && !piece.includes('\uFFFD') && [...piece].length === 1) {
        text = piece;
        taken = n;
        break;
      }
      if (piece === '\uFFFD' && bytes.subarray(i, i + n).toString('hex') === 'efbfbd') {
        taken = 3;
        break;
      }
    }
    out += text;
    i += taken;
  }
  return out;
}

function compareApplyErrors(out: Differences, at: string, p: EntryRecord, r: RecordedApply): void {
  const recorded = r.errors ?? [r.error ?? null];
  const predicted =
    r.errors !== undefined || p.requests.length > 0
      ? p.requests.map((q) => ({
          names: q.errorNames,
          failed: q.error !== null,
          key: q.errorKeyHex,
        }))
      : [{ names: p.errorNames, failed: p.error !== null, key: null }];
  if (!r.errors && p.requests.length > 1) {
    out.same(`${at} failed requests`, predicted.filter((q) => q.failed).length, 0);
    return;
  }
  out.same(`${at} requests`, predicted.length, recorded.length);
  for (const [i, error] of recorded.entries()) {
    const q = predicted[i];
    if (!q) continue;
    out.same(`${at} request ${i} failed`, q.failed, error !== null);
    if (!error) continue;
    out.same(`${at} request ${i} names`, asked(q.names), asked(error.names));
    if (error.names.includes('ErrWriteConflict') && error.keyHex !== undefined) {
      out.same(`${at} request ${i} key`, q.key, error.keyHex);
    }
    if (error.names.includes('ErrTxnLocked')) {
      out.same(`${at} request ${i} text`, `key: ${goText(q.key ?? '')}: txn locked`, error.text);
    }
  }
}

function compareApplies(
  out: Differences,
  entries: readonly EntryRecord[],
  recorded: RecordedBoot,
): void {
  const predicted = entries.filter((entry) => entry.applied);
  const applies = recorded.applies ?? [];
  out.same('applies', predicted.length, applies.length);
  for (const [i, r] of applies.entries()) {
    const p = predicted[i];
    if (!p || out.lines.length > 12) break;
    const at = `apply ${i} (index ${p.index})`;
    out.same(`${at} told`, p.told, r.told);
    if (r.told) out.same(`${at} index`, String(p.index), r.index);
    out.same(`${at} length`, p.payloadLength, r.payloadLen);
    out.same(`${at} digest`, p.payloadSha256, r.payloadSha256);
    out.same(`${at} ceiling`, String(p.ceilingMs), r.ceilingAfter);
    compareApplyErrors(out, at, p, r);
  }
}

function metaText(meta: Readonly<Record<string, string>>): string {
  return META_NAMES.map((name) => `${name}=${meta[name] ?? '-'}`).join(' ');
}

function compareStore(
  out: Differences,
  what: string,
  predicted: { keys: number; sha256: string; meta: Readonly<Record<string, string>> } | null,
  recorded: RecordedStore | 'absent' | null | undefined,
): void {
  if (recorded === undefined || recorded === null) return;
  if (recorded === 'absent' || predicted === null) {
    out.same(
      what,
      predicted === null ? 'absent' : 'present',
      recorded === 'absent' ? 'absent' : 'present',
    );
    return;
  }
  out.same(`${what}.meta`, metaText(predicted.meta), metaText(recorded.meta));
  out.same(`${what}.keys`, predicted.keys, recorded.keys);
  out.same(`${what}.sha256`, predicted.sha256, recorded.sha256);
}

const SEGMENT = /^wal\/.*\.wal$/;

function compareFiles(
  out: Differences,
  report: BootReport,
  node: RecordedNode,
  recorded: RecordedBoot,
): void {
  const before = new Map<string, string>();
  for (const line of node.filesBefore) {
    const [path = '', , sha = ''] = line.split(' ');
    before.set(path, sha);
  }
  const predicted = new Map<string, { size: number; sha: string | null }>();
  for (const file of report.filesAfter()) {
    // An orderly stop, after which the recorder looked, removes it.
    if (file.path === 'wal/0.tmp' && report.refusal === null) continue;
    const sha = file.untouched ? before.get(`n1/${file.path}`) : file.sha256?.slice(0, 16);
    predicted.set(`n1/${file.path}`, { size: file.size, sha: sha ?? null });
  }
  const after = recorded.filesAfter.filter((line) => line.startsWith('n1/'));
  for (const line of after) {
    // The recorder splits at blanks; no recorded name has one.
    const [path = '', size = '', sha] = line.split(' ');
    const p = predicted.get(path);
    predicted.delete(path);
    if (!p) {
      out.lines.push(`file ${path}: recorded, not predicted`);
      continue;
    }
    const loose = p.sha === null && !SEGMENT.test(path.slice(3));
    if (!(loose && path.endsWith('.snap'))) out.same(`file ${path} size`, p.size, Number(size));
    if (sha !== undefined && !SEGMENT.test(path.slice(3)) && !loose) {
      out.same(`file ${path} sha256`, p.sha, sha);
    }
  }
  for (const path of predicted.keys()) out.lines.push(`file ${path}: predicted, not recorded`);
}

function compareCounters(out: Differences, report: BootReport, recorded: RecordedBoot): void {
  const c = report.counters;
  out.same('appliedIndex', String(c.appliedIndex), recorded.appliedIndex);
  out.same('commitIndex', String(c.commitIndex), recorded.commitIndex);
  out.same('lastLogIndex', String(c.lastIndex), recorded.lastLogIndex);
  out.same('term', String(c.term), recorded.term);
  out.same('lastSnapshotIndex', String(c.lastSnapshotIndex), recorded.lastSnapshotIndex);
  const members = report.members.map((m) => `${m.id} ${m.address} ${m.suffrage}`).join('; ');
  out.same('members', members, (recorded.configuration ?? []).join('; '));
}

/** @returns differences, most important first; empty when prediction and recording agree */
export function compareBoot(
  report: BootReport,
  entries: readonly EntryRecord[],
  node: RecordedNode,
  recorded: RecordedBoot,
): readonly string[] {
  const out = new Differences();
  const failure = recorded.openError ?? recorded.halt;
  const panics = recorded.crash !== undefined || (failure?.names.includes('PANIC') ?? false);
  out.same('inconclusive', report.verdict === 'inconclusive', false);
  out.same('refuses', report.refusal !== null, panics || failure !== undefined);
  if (report.refusal && out.lines.length > 0) out.lines.push(`refusal: ${report.refusal.message}`);
  out.same('panic', report.refusal?.panic ?? false, panics);
  if (failure && !panics) {
    const skip = ['UnexpectedEOF'];
    out.same('errors', asked(report.refusal?.errors ?? [], skip), asked(failure.names, skip));
  }
  if (recorded.crash !== undefined) return out.lines;
  compareStore(
    out,
    'storeBefore',
    report.fsm.absent
      ? null
      : {
          keys: report.fsm.keys ?? -1,
          sha256: report.fsm.sha256 ?? '',
          meta: report.fsm.meta ?? {},
        },
    recorded.storeBefore,
  );
  if (panics) return out.lines;
  compareGate(out, report, recorded);
  out.same('ceilingMs', String(report.counters.ceilingMs), recorded.ceilingMs);
  out.same('hlcLast', String(report.counters.hlcLast), recorded.hlcLast);
  out.same('restoredCutover', String(report.counters.restoredCutover), recorded.restoredCutover);
  if (!failure) compareCounters(out, report, recorded);
  out.same('restoreCalls', report.restoreCalls, recorded.restoreCalls);
  const headers = report.headerApplies.map((h) => `${h.ceiling}/${h.cutover}`).join(' ');
  out.same('headerApplies', headers, (recorded.headerApplies ?? []).join(' '));
  out.same('durablePins', report.durablePins.join(' '), (recorded.durablePins ?? []).join(' '));
  compareApplies(out, entries, recorded);
  compareStore(out, 'store', report.store, recorded.store);
  compareFiles(out, report, node, recorded);
  const peers = report.filesAfter().find((file) => file.path === 'etcd-raft-peers.bin');
  // An empty file has no hex to record.
  out.same(
    'peers file',
    peers !== undefined && peers.size > 0,
    recorded.peersAfterHex !== undefined,
  );
  return out.lines;
}
