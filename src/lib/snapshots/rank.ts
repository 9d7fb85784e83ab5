/**
 * Every snapshot of a group dir, best first, and the one a node would use: what an operator asks when
 * a node refuses, or before something is deleted.
 *
 * Order: what a node could restore and the WAL vouches for; what it could restore; what only a tool
 * can still use; the rest. Within each, the highest index first.
 */
import type { Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import { predictBoot } from '../engine/boot.js';
import type { BootInput } from '../engine/boot-input.js';
import type { BootReport } from '../engine/boot-report.js';
import type { DirSource } from '../io/dir-source.js';
import { PROTO_37 } from '../proto/dialect.js';
import { isSnapName } from '../raft/snap/snap-name.js';
import { withSegments } from '../raft/wal/open-segments.js';
import { listWal } from '../raft/wal/segment-name.js';
import { scanSnapshots, type FoundSnapshot } from '../raft/wal/snapshot-scan.js';
import { parseFsmFileName } from '../snapshot/fsm-file.js';
import { readLoneFsm, readSnapCandidate, type Candidate } from './candidate.js';
import { salvageOf, type Salvage, type SalvageContext } from './salvage.js';

export interface RankedSnapshot extends Candidate {
  /** The node's next start picks this one. At most one is marked. */
  readonly chosen: boolean;
  /** Null where there is no WAL that says. */
  readonly vouched: boolean | null;
  /** The next start deletes it, or a file of it. */
  readonly deleted: boolean;
  readonly salvage: readonly Salvage[];
}

/** What the node's next start makes of them. */
export interface NodeChoice {
  /** `.snap` below the group dir; null when it would not use any. */
  readonly snap: string | null;
  readonly verdict: BootReport['verdict'];
  readonly gate: BootReport['gate']['outcome'];
  readonly refusal: {
    readonly step: number;
    readonly errors: readonly string[];
    readonly message: string;
  } | null;
}

export interface SnapshotsReport {
  readonly node: NodeChoice;
  readonly snapshots: readonly RankedSnapshot[];
  readonly findings: readonly Finding[];
}

export interface RankOptions {
  /** The next start as it would be made. */
  readonly boot: BootInput;
  readonly salvage: SalvageContext;
  readonly phase?: ((label: string) => void) | undefined;
}

/** @throws {IoError} the group dir cannot be looked at */
export async function rankSnapshots(options: RankOptions): Promise<SnapshotsReport> {
  const { boot, phase } = options;
  const candidates = await candidatesOf(boot.group, boot.pace, phase);
  phase?.('predicting the next start');
  const report = await predictBoot(boot);
  const node = choiceOf(report);
  const vouched = vouchedBy(boot.group);
  const deleted = new Set(
    report.actions.filter(({ kind, lossy }) => kind === 'delete' && lossy).map(({ path }) => path),
  );
  const ranked: RankedSnapshot[] = [];
  const findings: Finding[] = [];
  for (const found of candidates) {
    // A lone .fsm does not carry its term; the WAL's record of that index does.
    const record = vouched?.find(({ index }) => index === found.index);
    const candidate = found.term === null && record ? { ...found, term: record.term } : found;
    const isVouched = vouched === null ? null : vouches(vouched, candidate);
    const goes =
      (candidate.snap !== null && deleted.has(candidate.snap)) ||
      (candidate.fsm !== null && deleted.has(candidate.fsm));
    const chosen = candidate.snap !== null && candidate.snap === node.snap;
    ranked.push({ ...candidate, chosen, vouched: isVouched, deleted: goes, salvage: [] });
  }
  ranked.sort(byUse);
  phase?.('looking for ways out');
  const withWays: RankedSnapshot[] = [];
  for (const each of ranked) {
    const salvage = await salvageOf(each, { node, ranked, boot, context: options.salvage });
    withWays.push({ ...each, salvage });
    findings.push(...findingsOf(each, salvage));
  }
  findings.push(...nodeFindings(node, withWays));
  return { node, snapshots: withWays, findings };
}

async function candidatesOf(
  group: DirSource,
  pace: Pace,
  phase: RankOptions['phase'],
): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const name of fileNames(group, 'snap')) {
    if (!isSnapName(name)) continue;
    phase?.(`reading snap/${name}`);
    candidates.push(await readSnapCandidate(group, name, pace));
  }
  const named = new Set(candidates.map(({ fsm }) => fsm));
  for (const name of fileNames(group, 'fsm-snap')) {
    const path = `fsm-snap/${name}`;
    if (named.has(path) || !/\.fsm(?:\.tmp)?$/.test(name)) continue;
    phase?.(`reading ${path}`);
    const index = parseFsmFileName(name.replace(/\.tmp$/, '')) ?? null;
    candidates.push(await readLoneFsm(group, path, index, pace));
  }
  return candidates;
}

function fileNames(group: DirSource, folder: string): string[] {
  if (group.stat(folder)?.kind !== 'directory') return [];
  const entries = group.dir(folder).list();
  return entries.filter(({ kind }) => kind === 'file').map(({ name }) => name);
}

/** Snapshot records up to the commit; null where there is no WAL. */
function vouchedBy(group: DirSource): readonly FoundSnapshot[] | null {
  if (group.stat('wal')?.kind !== 'directory') return null;
  const wal = group.dir('wal');
  const { segments } = listWal(wal);
  if (segments.length === 0) return null;
  return withSegments(wal, segments, (open) => scanSnapshots(open, PROTO_37)).valid;
}

function vouches(valid: readonly FoundSnapshot[], { index, term }: Candidate): boolean {
  return valid.some((record) => record.index === index && (term === null || record.term === term));
}

function choiceOf(report: BootReport): NodeChoice {
  const { verdict, refusal, gate } = report;
  return {
    snap: report.snapshot?.file ?? null,
    verdict,
    gate: gate.outcome,
    refusal: refusal && { step: refusal.step, errors: refusal.errors, message: refusal.message },
  };
}

function useOf({ restorable, vouched, payloadSound }: RankedSnapshot): number {
  if (restorable) return vouched === false ? 1 : 0;
  return payloadSound ? 2 : 3;
}

/** Best first; the node's own choice before others of its kind. */
function byUse(a: RankedSnapshot, b: RankedSnapshot): number {
  const use = useOf(a) - useOf(b);
  if (use !== 0) return use;
  const [left, right] = [a.index ?? -1n, b.index ?? -1n];
  if (left !== right) return left > right ? -1 : 1;
  if (a.chosen !== b.chosen) return a.chosen ? -1 : 1;
  const [one, other] = [a.term ?? -1n, b.term ?? -1n];
  return one === other ? 0 : one > other ? -1 : 1;
}

function findingsOf(each: RankedSnapshot, salvage: readonly Salvage[]): Finding[] {
  const findings = each.findings.map((finding) => asRemark(each, finding));
  const file = each.snap ?? each.fsm ?? undefined;
  const next = salvage.flatMap(({ commands }) => commands);
  if (each.snap !== null && each.restorable && each.vouched === false) {
    const message = 'the WAL does not vouch for this snapshot: no node uses it';
    findings.push({ code: 'snapshot-unvouched', severity: 'warning', file, message, next });
  }
  if (each.deleted && each.payloadSound) {
    const message = 'sound, named by no .snap, and deleted by the next start';
    findings.push({ code: 'snapshot-orphan', severity: 'warning', file, message, next });
  }
  return findings;
}

/** Damage in a file that no snapshot needs is worth knowing, and no damage to the node. */
function asRemark({ kind }: RankedSnapshot, finding: Finding): Finding {
  const leftover = kind === 'lone-fsm' || kind === 'unfinished';
  if (!leftover || finding.severity !== 'error') return finding;
  return { ...finding, severity: 'warning', exitCode: undefined };
}

function nodeFindings(node: NodeChoice, ranked: readonly RankedSnapshot[]): Finding[] {
  const { snap, refusal, verdict } = node;
  if (refusal !== null && snap !== null) {
    const chosen = ranked.find(({ chosen }) => chosen);
    const next = chosen?.restorable === false ? waysOf(ranked) : [];
    return [
      {
        code: 'snapshot-choice-refused',
        severity: 'error',
        file: snap,
        message: `the node picks this snapshot and does not start: ${refusal.message}`,
        nodeError: refusal.errors[0],
        next,
        exitCode: 4,
      },
    ];
  }
  if (snap !== null || verdict === 'inconclusive') return [];
  const usable = ranked.some((each) => each.snap !== null || each.payloadSound);
  if (!usable && refusal === null) return [];
  const why = refusal === null ? 'it starts from an empty state' : `it refuses: ${refusal.message}`;
  const finding: Finding = {
    code: 'snapshot-none-used',
    severity: refusal === null ? 'warning' : 'error',
    message: usable
      ? `the node would use none of these snapshots; ${why}`
      : `there is no snapshot that a node could use; ${why}`,
    nodeError: refusal?.errors[0],
  };
  return [refusal === null ? finding : { ...finding, exitCode: 4 }];
}

function waysOf(ranked: readonly RankedSnapshot[]): string[] {
  return ranked
    .flatMap(({ chosen, salvage }) => (chosen ? salvage : []))
    .flatMap((s) => s.commands);
}
