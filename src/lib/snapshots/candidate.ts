/**
 * One snapshot as it lies on the disk, looked at to the end: a `.snap` with the `.fsm` its token
 * names, a `.snap` with its payload inline, or what is left of a pair (spec/snapshot-files.md §1 to
 * §5, spec/etcd-wal.md §5).
 */
import { ToolError } from '../core/errors.js';
import { findingOf, type Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import { MemorySource, type ByteSource } from '../io/byte-source.js';
import type { DirSource } from '../io/dir-source.js';
import { msOfTs } from '../mvcc/timestamp.js';
import { PROTO_37 } from '../proto/dialect.js';
import { isSnapFailure, readSnapFile } from '../raft/snap/snap-file.js';
import { snapName } from '../raft/snap/snap-name.js';
import { fsmFileName } from '../snapshot/fsm-file.js';
import type { HeaderForm } from '../snapshot/header.js';
import { inspectFsm, type FsmPayloadKind, type FsmReport } from '../snapshot/inspect.js';
import { decodeSnapshotData, type FsmToken } from '../snapshot/token.js';

export type CandidateKind =
  /** `.snap` with a token, and the `.fsm` it names, there or not. */
  | 'pair'
  /** `.snap` with the payload inside. */
  | 'inline'
  /** `.snap` without data: raft's position alone. */
  | 'empty'
  /** `.snap` that cannot be read, or whose token cannot. */
  | 'unreadable-snap'
  /** `.fsm` that no readable `.snap` names. */
  | 'lone-fsm'
  /** `.fsm.tmp`: a snapshot whose writing did not end. */
  | 'unfinished';

export interface PayloadFacts {
  readonly kind: FsmPayloadKind;
  readonly headerForm: HeaderForm | null;
  readonly ceilingMs: bigint | null;
  readonly cutover: bigint | null;
  /** `H` inside the payload. */
  readonly appliedIndex: bigint | null;
  /** The highest timestamp the payload knows of: a version's, or the last commit's. */
  readonly highestTs: bigint | null;
  readonly rows: number | null;
  readonly encryptedRows: number | null;
}

export interface Candidate {
  readonly kind: CandidateKind;
  /** Below the group dir. */
  readonly snap: string | null;
  readonly fsm: string | null;
  readonly index: bigint | null;
  readonly term: bigint | null;
  readonly token: FsmToken | null;
  /** Bytes of the `.fsm`, or of the `.snap` where the payload lies in it. */
  readonly size: number;
  /** Both halves are there. */
  readonly complete: boolean;
  /** Null where there is nothing to compare. */
  readonly tokenIsFooter: boolean | null;
  readonly footerIsComputed: boolean | null;
  readonly footer: number | null;
  readonly computed: number | null;
  readonly payload: PayloadFacts | null;
  /** A node given this snapshot restores it, as far as the files decide. */
  readonly restorable: boolean;
  /** The payload alone is sound: header and store read to the end, CRC right where there is one. */
  readonly payloadSound: boolean;
  /** In the order in which a node would meet the faults. */
  readonly findings: readonly Finding[];
}

type Found = Pick<Candidate, 'kind' | 'snap' | 'fsm' | 'index' | 'term' | 'token' | 'size'>;

/** A `.snap` file and what it points to. */
export async function readSnapCandidate(
  group: DirSource,
  name: string,
  pace: Pace,
): Promise<Candidate> {
  const snap = `snap/${name}`;
  const size = group.dir('snap').stat(name)?.size ?? 0;
  const file = readSnapFile(group.dir('snap'), name, PROTO_37);
  const nothing = { fsm: null, index: null, term: null, token: null, size };
  if (isSnapFailure(file)) {
    const { code, detail: message, nodeError } = file;
    const finding: Finding = { code, severity: 'error', file: snap, message, nodeError };
    return without({ ...nothing, kind: 'unreadable-snap', snap }, [finding]);
  }
  const { metadata, data: raw = new Uint8Array(0) } = file.snapshot;
  const at = { ...nothing, snap, index: metadata?.index ?? 0n, term: metadata?.term ?? 0n };
  const findings = nameFindings(name, snap, at.term, at.index);
  const data = decodeSnapshotData(raw, { path: snap });
  switch (data.kind) {
    case 'invalid':
      return without({ ...at, kind: 'unreadable-snap' }, [...findings, findingOf(data.fault)]);
    case 'empty':
      return without({ ...at, kind: 'empty' }, findings);
    case 'inline':
      return looked({ ...at, kind: 'inline' }, new MemorySource(snap, raw), findings, pace);
    case 'token': {
      const { token } = data;
      const fsm = `fsm-snap/${fsmFileName(token.index)}`;
      if (token.index !== at.index) {
        const message = `the token names index ${token.index}, the snapshot is at ${at.index}`;
        findings.push({
          code: 'snapshot-token-elsewhere',
          severity: 'warning',
          file: snap,
          message,
        });
      }
      return readFsmCandidate(group, { ...at, kind: 'pair', fsm, token }, findings, pace);
    }
  }
}

/** A `.fsm`, or `.fsm.tmp`, that no `.snap` names. */
export function readLoneFsm(
  group: DirSource,
  fsm: string,
  index: bigint | null,
  pace: Pace,
): Promise<Candidate> {
  const kind = fsm.endsWith('.tmp') ? 'unfinished' : 'lone-fsm';
  const found = { snap: null, fsm, index, term: null, token: null, size: 0 };
  return readFsmCandidate(group, { ...found, kind }, [], pace);
}

async function readFsmCandidate(
  group: DirSource,
  found: Found & { readonly fsm: string },
  findings: readonly Finding[],
  pace: Pace,
): Promise<Candidate> {
  const name = found.fsm.slice('fsm-snap/'.length);
  const entry = group.stat('fsm-snap')?.kind === 'directory' && group.dir('fsm-snap').stat(name);
  if (!entry) {
    const finding: Finding = {
      code: 'fsm-not-found',
      severity: 'error',
      file: found.fsm,
      message: `the .fsm that ${found.snap ?? 'a token'} names does not exist`,
      nodeError: 'ErrFSMSnapshotNotFound',
    };
    return without(found, [...findings, finding]);
  }
  const sized = { ...found, size: entry.size };
  let source: ByteSource;
  try {
    source = group.dir('fsm-snap').open(name);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return without(sized, [...findings, { ...findingOf(error), file: found.fsm }]);
  }
  try {
    return await looked(sized, source, findings, pace);
  } finally {
    source.close();
  }
}

function nameFindings(name: string, file: string, term: bigint, index: bigint): Finding[] {
  if (name === snapName(term, index)) return [];
  const message = `inside it is the snapshot of term ${term}, index ${index}`;
  return [{ code: 'snapshot-name-mismatch', severity: 'warning', file, message }];
}

/** What has no payload to look at. An empty snapshot is complete as it is. */
function without(found: Found, findings: readonly Finding[]): Candidate {
  const empty = found.kind === 'empty';
  return {
    ...found,
    complete: empty,
    tokenIsFooter: null,
    footerIsComputed: null,
    footer: null,
    computed: null,
    payload: null,
    restorable: empty,
    payloadSound: false,
    findings,
  };
}

async function looked(
  found: Found,
  source: ByteSource,
  before: readonly Finding[],
  pace: Pace,
): Promise<Candidate> {
  const container = found.kind !== 'inline';
  const file = found.fsm ?? found.snap ?? '';
  try {
    const token = found.token ?? undefined;
    const report = await inspectFsm(source, { token, container, pace });
    return judged(found, report, file, before);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return without(found, [...before, { ...findingOf(error), file }]);
  }
}

function judged(
  found: Found,
  report: FsmReport,
  file: string,
  before: readonly Finding[],
): Candidate {
  const { footer, computed, token, header, payload } = report;
  const facts: PayloadFacts = {
    kind: report.payloadKind,
    headerForm: header?.form ?? null,
    ceilingMs: header?.ceilingMs ?? null,
    cutover: header?.cutover ?? null,
    appliedIndex: payload?.meta.appliedIndex ?? null,
    highestTs: payload === undefined ? null : highest(payload.highestTs, payload.meta.lastCommitTs),
    rows: payload?.rows?.versions ?? null,
    encryptedRows: payload?.rows?.encrypted ?? null,
  };
  const findings = [...before];
  for (const finding of report.findings) findings.push({ ...finding, file });
  const low = ceilingFinding(facts, file);
  if (low) findings.push(low);
  const footerIsComputed =
    footer === undefined || computed === undefined ? null : footer === computed;
  const sound = payload !== undefined && footerIsComputed !== false;
  const tokenIsFooter = token === undefined || footer === undefined ? null : footer === token.crc;
  return {
    ...found,
    complete: found.kind === 'pair' || found.kind === 'inline',
    tokenIsFooter,
    footerIsComputed,
    footer: footer ?? null,
    computed: computed ?? null,
    payload: facts,
    restorable: sound && found.snap !== null && tokenIsFooter !== false,
    payloadSound: sound,
    findings,
  };
}

function highest(a: bigint | undefined, b: bigint | undefined): bigint | null {
  if (a === undefined) return b ?? null;
  return b !== undefined && b > a ? b : a;
}

/** spec/cold-start.md §6: a ceiling below what is stored lets the clock give timestamps again. */
function ceilingFinding({ ceilingMs, highestTs }: PayloadFacts, file: string): Finding | undefined {
  if (ceilingMs === null || highestTs === null || ceilingMs === 0n) return undefined;
  if (ceilingMs >= msOfTs(highestTs)) return undefined;
  const behind = msOfTs(highestTs) - ceilingMs;
  const message = `the header's ceiling is ${behind} ms below the highest timestamp in the payload`;
  return { code: 'snapshot-ceiling-below', severity: 'warning', file, message };
}
