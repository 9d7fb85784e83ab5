/**
 * A `.fsm` or a bare payload, looked at to its end (spec/snapshot-files.md), with the token of the
 * `.snap` that names it where one is at hand.
 */
import { ToolError } from '../core/errors.js';
import { findingOf, type Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import type { ByteSource } from '../io/byte-source.js';
import type { DirSource } from '../io/dir-source.js';
import type { KvView } from '../kv/kv-view.js';
import { msOfTs } from '../mvcc/timestamp.js';
import { liveIndexOf } from '../raft/snap/snap-name.js';
import { checkFsm, FsmPass } from '../snapshot/crc-check.js';
import { FsmFault } from '../snapshot/fsm-fault.js';
import { parseFsmFileName } from '../snapshot/fsm-file.js';
import { inspectFsm, type FsmReport } from '../snapshot/inspect.js';
import type { FsmToken } from '../snapshot/token.js';
import { readSnap } from './snap.js';

/** A token and where it was found. */
export interface FoundToken {
  readonly token: FsmToken;
  /** The `.snap`, or the flag. */
  readonly from: string;
}

export interface FsmInspectOptions {
  readonly container: boolean;
  readonly found: FoundToken | undefined;
  readonly pace: Pace;
}

/**
 * The token of the newest `.snap` that names this `.fsm`.
 * @param snapDir  the group's `snap/`; need not exist
 */
export async function tokenBeside(
  snapDir: DirSource,
  fsmName: string,
  pace: Pace,
): Promise<FoundToken | undefined> {
  const index = parseFsmFileName(fsmName);
  if (index === undefined) return undefined;
  let names: string[];
  try {
    names = snapDir.list().map(({ name }) => name);
  } catch (error) {
    if (error instanceof ToolError) return undefined;
    throw error;
  }
  for (const name of names.reverse()) {
    if (liveIndexOf(name, false) !== index) continue;
    try {
      const source = snapDir.open(name);
      try {
        const { token } = await readSnap(source, name, pace);
        if (token?.index === index) return { token, from: source.path };
      } finally {
        source.close();
      }
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
    }
  }
  return undefined;
}

/** @throws {IoError} reading failed */
export async function inspectFsmFile(
  source: ByteSource,
  { container, found, pace }: FsmInspectOptions,
): Promise<FsmReport> {
  const token = found?.token;
  try {
    const report = await inspectFsm(source, { token, container, pace });
    return { ...report, findings: [...report.findings, ...ceilingFindings(report)] };
  } catch (error) {
    if (!(error instanceof ToolError) || error.exitCode !== 5) throw error;
    return withoutPayload(source, { token, container, pace }, findingOf(error));
  }
}

/** The payload is of a form this tool does not read: header and checksum all the same. */
async function withoutPayload(
  source: ByteSource,
  options: { token: FsmToken | undefined; container: boolean; pace: Pace },
  unread: Finding,
): Promise<FsmReport> {
  const pass = new FsmPass(source, { ...options, mode: 'guard' });
  const findings: Finding[] = [unread];
  const steps = [
    () => pass.checkToken(),
    () => pass.holdHeader(),
    () => pass.checkCrc(),
    () => pass.decodeHeader(),
  ];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof FsmFault)) throw error;
      findings.push(findingOf(error));
    }
  }
  const { header, footer, computed } = pass;
  return {
    path: source.path,
    size: source.size,
    container: options.container,
    payloadBytes: Math.max(pass.payloadBytes, 0),
    footer,
    computed,
    token: options.token,
    header,
    fields: [],
    payloadKind: 'unreadable',
    payloadOffset: header?.length ?? 0,
    payload: undefined,
    oracleCeilingMs: undefined,
    findings,
  };
}

/** spec/cold-start.md §6: a ceiling below what is stored lets the clock give timestamps again. */
function ceilingFindings({ header, payload, path }: FsmReport): Finding[] {
  const { lastCommitTs = 0n } = payload?.meta ?? {};
  const highest = payload?.highestTs ?? 0n;
  const top = msOfTs(highest > lastCommitTs ? highest : lastCommitTs);
  if (header === undefined || header.ceilingMs === 0n || header.ceilingMs >= top) return [];
  const behind = top - header.ceilingMs;
  const message = `the header's ceiling is ${behind} ms below the highest timestamp in the payload`;
  return [{ code: 'snapshot-ceiling-below', severity: 'warning', file: path, offset: 8, message }];
}

/** What `fsm.db` holds after a restore of this file; undefined where a restore fails. */
export async function restoredView(
  source: ByteSource,
  container: boolean,
  pace: Pace,
): Promise<KvView | undefined> {
  const check = await checkFsm(source, { mode: 'restore', container, pace });
  return check.restored?.view;
}
