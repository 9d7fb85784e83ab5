/**
 * Step 8: the body restore, or its skipping (spec/cold-start.md §2, §3). Reads the `.fsm` that the
 * token names and puts the store it holds in place of `fsm.db`, or reads it only to check it.
 */
import { ToolError } from '../core/errors.js';
import type { ByteSource } from '../io/byte-source.js';
import { CrcAhead } from '../io/file-crc.js';
import { FileSource } from '../io/file-source.js';
import { WINDOW_CHUNK_BYTES } from '../io/window.js';
import { OverlayStore } from '../kv/overlay.js';
import { raiseLastCommitTs } from '../mvcc/last-commit-scan.js';
import { APPLIED_INDEX_KEY, readMeta } from '../mvcc/meta-keys.js';
import { checkFsm, failureOf, type FsmCheck, type FsmFailure } from '../snapshot/crc-check.js';
import { FsmFault } from '../snapshot/fsm-fault.js';
import { FSM_FOOTER_BYTES, fsmFileName, openFsm, parseFsmFileName } from '../snapshot/fsm-file.js';
import type { FsmToken, SnapshotData } from '../snapshot/token.js';
import type { BootContext } from './boot-context.js';
import { gapEntriesOf } from './gap-entries.js';
import { decideGate, type AppliedIndexAnswer, type GateDecision } from './gate.js';
import { Refusal } from './refusal.js';

const STEP = 8;

/** The durable applied index of the store as the gate is told it. */
export function appliedIndexOf(ctx: BootContext): AppliedIndexAnswer {
  const index = readMeta(ctx.store, APPLIED_INDEX_KEY);
  return index === null ? { kind: 'fallback', reason: 'missing_meta' } : { kind: 'value', index };
}

/**
 * @param snapshot `S`
 * @param commit `C`
 * @param source the bytes of inline data
 * @returns the effective applied index: 0 without anything to restore, `S`, or `H` after a skip
 * @throws {Refusal} step 8
 */
export async function restoreOrSkip(
  ctx: BootContext,
  snapshot: bigint,
  commit: bigint,
  data: SnapshotData,
  inline: ByteSource,
): Promise<bigint> {
  if (snapshot === 0n || data.kind === 'empty') return 0n;
  if (data.kind === 'invalid') throw refusalOf(failureOf(data.fault));
  if (data.kind === 'inline') {
    await restoreInline(ctx, inline);
    return snapshot;
  }
  const { generation } = ctx;
  const reported = generation.gateIndexFrom === 'token' ? data.token.index : snapshot;
  const answer = appliedIndexOf(ctx);
  const decision = decideGate(generation.gate, snapshot, commit, reported, answer);
  ctx.decision = { ...decision, snapshotIndex: reported, between: null };
  await carryOut(ctx, data.token, decision);
  // Reported only after the work has succeeded: a failed boot counts as no decision at all.
  const { have, threshold } = decision;
  const between =
    decision.outcome === 'executed' && ctx.log !== null && have !== null && threshold !== null
      ? gapEntriesOf(ctx, ctx.log, have, threshold)
      : null;
  ctx.gate = { ...decision, snapshotIndex: reported, between };
  return decision.outcome === 'skipped' && decision.have !== null ? decision.have : snapshot;
}

/** Smaller bodies are summed before a thread has started. */
const AHEAD_FROM_BYTES = 64 << 20;

/**
 * A skip reads the body for its CRC alone. Where one is likely a second thread begins with the newest
 * body while this one reads the log. That is a guess: another body is summed when its turn comes, and
 * whatever is wrong with store or file is found where the boot comes to it.
 */
export function beginCrc(ctx: BootContext): void {
  if (ctx.generation.gate === 'never') return;
  try {
    const bodies = ctx.disk.dir('fsm-snap');
    const index = newestFsm(bodies.list().map(({ name }) => name));
    const answer = appliedIndexOf(ctx);
    if (index === undefined || answer.kind !== 'value' || answer.index < index) return;
    const source = openFsm(bodies, index);
    ctx.onClose(() => source.close());
    if (!(source instanceof FileSource) || source.size < AHEAD_FROM_BYTES) return;
    const ahead = new CrcAhead(source, WINDOW_CHUNK_BYTES, source.size - FSM_FOOTER_BYTES);
    ctx.onClose(() => ahead.stop());
    ctx.crcAhead = ahead;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
  }
}

function newestFsm(names: readonly string[]): bigint | undefined {
  let newest: bigint | undefined;
  for (const name of names) {
    const index = parseFsmFileName(name);
    if (index !== undefined && (newest === undefined || index > newest)) newest = index;
  }
  return newest;
}

/** A whole FSM payload without footer or CRC: a legacy snapshot's data. */
export async function restoreInline(ctx: BootContext, source: ByteSource): Promise<void> {
  ctx.restoreCalls++;
  const check = await checkFsm(source, {
    mode: 'restore',
    container: false,
    pace: ctx.input.pace,
  });
  takeRestored(ctx, check, source.size, source.path);
}

async function carryOut(ctx: BootContext, token: FsmToken, decision: GateDecision): Promise<void> {
  let source: ByteSource;
  try {
    source = openFsm(ctx.disk.dir('fsm-snap'), token.index);
  } catch (error) {
    if (error instanceof FsmFault) throw refusalOf(failureOf(error));
    throw error;
  }
  ctx.onClose(() => source.close());
  const mode = decision.outcome === 'skipped' ? 'skip' : 'restore';
  const ahead = ctx.crcAhead ?? undefined;
  const check = await checkFsm(source, { token, mode, pace: ctx.input.pace, ahead });
  if (mode === 'restore') {
    const early = ['open', 'size', 'token-crc'];
    if (!early.includes(check.failure?.stage ?? '')) ctx.restoreCalls++;
    takeRestored(ctx, check, source.size, `fsm-snap/${fsmFileName(token.index)}`);
    return;
  }
  if (check.failure) throw refusalOf(check.failure);
  const { header } = check;
  if (header === undefined) return;
  applyHeader(ctx, check);
  ctx.headerApplies.push({ ceiling: header.ceilingMs, cutover: header.cutover });
}

/** The header's two values are in force as soon as it is parsed, whatever comes after it. */
function applyHeader(ctx: BootContext, check: FsmCheck): void {
  if (!check.headerApplied || check.header === undefined) return;
  ctx.clock.raiseCeiling(check.header.ceilingMs);
  ctx.restoredCutover = check.header.cutover;
}

function takeRestored(ctx: BootContext, check: FsmCheck, bytes: number, path: string): void {
  applyHeader(ctx, check);
  const { restored, failure } = check;
  if (restored?.view !== undefined) {
    ctx.useStore(new OverlayStore(restored.view));
    if (restored.filter !== undefined) ctx.store.useFilter(restored.filter);
    const how = ctx.generation.managesSiblings
      ? 'the old one is kept as a backup until the new one is open'
      : 'the old one is deleted first';
    ctx.disk.note({
      kind: 'restore',
      path: 'fsm.db',
      size: bytes,
      detail: `replaced from ${path}; ${how}`,
      lossy: true,
    });
    if (ctx.build.repairsLastCommitTs && restored.highestTs !== undefined) {
      raiseLastCommitTs(ctx.store, restored.highestTs);
    }
    ctx.fsm.storeOpened();
  }
  if (check.swapped) {
    ctx.find(
      'damaged-body-swapped-in',
      'error',
      'the payload parses but fails its CRC: fsm.db is replaced by it before the node refuses',
      { file: path, nodeError: 'ErrFSMSnapshotFileCRC' },
    );
  }
  if (failure) throw refusalOf(failure);
}

function refusalOf(failure: FsmFailure): Refusal {
  return new Refusal({ step: STEP, errors: failure.nodeErrors, message: failure.text });
}
