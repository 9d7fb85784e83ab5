/**
 * What a dry run must name besides the outcome (spec/cold-start.md §6): computed once the boot has
 * been predicted, from what it came to. Hazards that only one step can see are found there.
 */
import { msOfTs } from '../mvcc/timestamp.js';
import { APPLIED_INDEX_KEY, LAST_COMMIT_TS_KEY, readMeta } from '../mvcc/meta-keys.js';
import { isEmptyHardState } from '../raft/hard-state.js';
import { LEGACY_FILES } from '../raft/legacy/legacy-files.js';
import type { BootContext } from './boot-context.js';
import type { Outcome } from './boot.js';
import type { RaftStart } from './raft-state.js';

/** `ELASTICKV_RAFT_SNAPSHOT_COUNT` at its default: entries between two local snapshots. */
const SNAPSHOT_COUNT = 10_000n;
const PAGE_BYTES = 1 << 20;
/** `H` above `C` by this much is still an ordinary crash: commits saved without a flush. */
const ORDINARY_LEAD = 1_000n;

export function nameHazards(ctx: BootContext, outcome: Outcome): void {
  deletedFiles(ctx);
  signsOfEncryption(ctx, outcome);
  const { start } = ctx;
  if (start === null) return;
  restoreAhead(ctx);
  appliedTwice(ctx, start);
  interrupted(ctx, start);
  if (outcome.raft === null) return;
  aheadOfLog(ctx, start);
  uncommitted(ctx, start, outcome);
  snapshotDuringReplay(ctx, start, outcome.floor);
  ceilingBelow(ctx);
  restoreRepeats(ctx, start);
  unwrapped(ctx);
  divergence(ctx);
  if (ctx.repaired && outcome.members.length > 1) {
    const message = 'a leader may still count the cut entries as stored here';
    ctx.find('later-panic-possible', 'note', message);
  }
}

function deletedFiles(ctx: BootContext): void {
  const gone = ctx.disk.actions.filter(
    ({ kind, path, lossy }) =>
      kind === 'delete' && lossy && /\.fsm(?:\.tmp)?$|spool|snapshot-/.test(path),
  );
  const [first] = gone;
  if (first === undefined) return;
  const bytes = gone.reduce((sum, { size }) => sum + (size ?? 0), 0);
  const names = gone.slice(0, 4).map(({ path }) => path);
  const more = gone.length > names.length ? `, and ${gone.length - names.length} more` : '';
  const files = gone.length === 1 ? '1 file' : `${gone.length} files`;
  const message = `${files}, ${bytes} bytes: ${names.join(', ')}${more}`;
  ctx.find('files-deleted-at-boot', 'warning', message, { file: first.path });
}

/** Restored, or would be: `restoreCalls` counts only what got past the first checks. */
function restoreAhead(ctx: BootContext): void {
  const { gate, snapshot } = ctx;
  const restored = ctx.disk.actions.find(({ kind }) => kind === 'restore');
  if (restored === undefined || snapshot === null) return;
  const size = `${restored.size ?? 0} bytes`;
  if (gate.outcome === 'fallback') {
    const why = `fsm.db does not say what it has applied (${gate.reason})`;
    const message = `full restore of ${size}: ${why}`;
    ctx.find('gate-fallback', 'warning', message, { index: snapshot.index });
    return;
  }
  const why =
    gate.have === null || gate.threshold === null
      ? 'this build restores at every start'
      : `fsm.db has applied ${gate.have}, the gate asks for ${gate.threshold}`;
  const between = gate.between;
  const needless =
    between !== null && between.requests === 0 && between.sealed === 0 && between.entries > 0
      ? `; none of the ${between.entries} entries between writes to the store`
      : '';
  ctx.find('full-restore-ahead', 'warning', `full restore of ${size}: ${why}${needless}`, {
    index: snapshot.index,
  });
}

function appliedTwice(ctx: BootContext, start: RaftStart): void {
  const have = ctx.fsmBefore.appliedIndex;
  const { snapshot } = ctx;
  if (snapshot === null || snapshot.token !== null || snapshot.inline || have === null) return;
  if (start.snapshotIndex === 0n || have <= start.snapshotIndex) return;
  const message =
    `the snapshot at ${start.snapshotIndex} has no data and fsm.db has applied ${have}: ` +
    `entries ${start.snapshotIndex + 1n} to ${have} are applied a second time`;
  ctx.find('entries-applied-twice', 'error', message, { index: start.snapshotIndex });
}

/** The applied index the boot goes on with, against what the log holds. */
function aheadOfLog(ctx: BootContext, start: RaftStart): void {
  const have = ctx.gate.outcome === 'skipped' ? ctx.gate.have : null;
  if (have === null) return;
  const commit = start.hardState.commit ?? 0n;
  if (have > ctx.tailFound) {
    const message =
      `fsm.db has applied ${have}, the log ends at ${ctx.tailFound}: the next ` +
      `${have - ctx.tailFound} entries are committed and dropped here`;
    ctx.find('fsm-ahead-of-log', 'error', message, { index: have });
    return;
  }
  if (have <= commit) return;
  const severity = have - commit > ORDINARY_LEAD ? 'warning' : 'note';
  const message = `fsm.db has applied ${have}, the saved commit is ${commit}`;
  ctx.find('fsm-ahead-of-commit', severity, message, { index: have });
}

function uncommitted(ctx: BootContext, start: RaftStart, outcome: Outcome): void {
  const commit = start.hardState.commit ?? 0n;
  if (ctx.tailFound <= commit || commit === 0n) return;
  const alone = (outcome.raft?.term ?? 0n) > (start.hardState.term ?? 0n);
  const range =
    ctx.tailFound === commit + 1n
      ? `entry ${ctx.tailFound} is`
      : `entries ${commit + 1n} to ${ctx.tailFound} are`;
  const message = alone
    ? `${range} above the saved commit; the sole voter commits what is there by electing itself`
    : `${range} above the saved commit, kept only if a leader confirms`;
  ctx.find('uncommitted-suffix', alone ? 'note' : 'warning', message, { index: commit + 1n });
}

function snapshotDuringReplay(ctx: BootContext, start: RaftStart, floor: bigint): void {
  const { gate } = ctx;
  if (gate.outcome !== 'skipped' || gate.have === null) return;
  if (gate.have - start.snapshotIndex < SNAPSHOT_COUNT) return;
  const commit = start.hardState.commit ?? 0n;
  let bytes = 0;
  for (let index = floor + 1n; index <= commit && bytes <= PAGE_BYTES; index++) {
    bytes += start.log.size(index, ctx.proto);
  }
  if (bytes <= PAGE_BYTES) return;
  const message =
    `possible, a race: entries ${floor + 1n} to ${commit} fill more than one page and ` +
    `${gate.have} is ${gate.have - start.snapshotIndex} above the snapshot`;
  ctx.find('snapshot-during-replay', 'warning', message, { index: gate.have });
}

function ceilingBelow(ctx: BootContext): void {
  const last = readMeta(ctx.store, LAST_COMMIT_TS_KEY) ?? 0n;
  if (last === 0n || ctx.clock.ceilingMs >= msOfTs(last)) return;
  const behind = msOfTs(last) - ctx.clock.ceilingMs;
  const message = `the ceiling after the boot is ${behind} ms below the last commit timestamp`;
  ctx.find('ceiling-below-timestamps', 'warning', message);
}

function restoreRepeats(ctx: BootContext, start: RaftStart): void {
  const token = ctx.snapshot?.token ?? null;
  if (ctx.restoreCalls === 0 || token === null) return;
  const have = readMeta(ctx.store, APPLIED_INDEX_KEY);
  if (have !== null && have >= start.snapshotIndex) return;
  const message =
    `after this boot fsm.db says ${have ?? 'nothing'}, the snapshot ${start.snapshotIndex}: ` +
    'the next boot restores again unless something is written first';
  ctx.find('restore-repeats', 'warning', message, { index: start.snapshotIndex });
}

function unwrapped(ctx: BootContext): void {
  if (ctx.envelopes.cutover !== 0n || ctx.restoredCutover === 0n) return;
  const message =
    `the snapshot header names cutover ${ctx.restoredCutover} and none is in force: entries ` +
    'above it are taken as they are, fail, and are missing here';
  ctx.find('wrapped-entries-without-cutover', 'error', message, { index: ctx.restoredCutover });
}

/** Judged by a start-up guard where guards run and encryption is on; named in any case. */
function divergence(ctx: BootContext): void {
  const { sidecar } = ctx.input.encryption;
  if (ctx.restoredCutover === 0n || sidecar.kind !== 'valid') return;
  const own = sidecar.sidecar.raftEnvelopeCutoverIndex;
  if (own === ctx.restoredCutover) return;
  const message = `the snapshot header says cutover ${ctx.restoredCutover}, the sidecar ${own}`;
  ctx.find('cutover-divergence', 'warning', message, {
    nodeError: 'ErrEnvelopeCutoverDivergence',
  });
}

/** A log without entries and state while something to begin from lies there (etcd-wal.md §6.9 b). */
function interrupted(ctx: BootContext, start: RaftStart): void {
  if (ctx.newCluster || ctx.segments !== 1 || start.snapshotIndex !== 0n) return;
  if (start.log.last !== 0n || !isEmptyHardState(start.hardState)) return;
  const left: string[] = [LEGACY_FILES.state, LEGACY_FILES.meta];
  for (const dir of ['snap', 'fsm-snap']) {
    left.push(...ctx.disk.list(dir).map(({ name }) => `${dir}/${name}`));
  }
  const found = left.filter((path) => ctx.disk.exists(path));
  if (found.length === 0) return;
  const message = `the log is empty while ${found.slice(0, 3).join(', ')} are there`;
  ctx.find('interrupted-bootstrap', 'warning', message);
}

const REGISTRY_PREFIX = '!encryption|writers|';

/**
 * Nothing was said about encryption and the data speaks of it: then nothing is certain. The engine
 * alone (`--no-guards`) knows no encryption but what it is handed.
 */
function signsOfEncryption(ctx: BootContext, outcome: Outcome): void {
  if (!ctx.input.guards || ctx.input.encryption.on !== undefined || !ctx.storeIsOpen) return;
  const signs: string[] = [];
  if (ctx.restoredCutover !== 0n)
    signs.push(`a snapshot header with cutover ${ctx.restoredCutover}`);
  if (ctx.store.seekKey(REGISTRY_PREFIX)?.startsWith(REGISTRY_PREFIX) === true) {
    signs.push('writer registry rows in fsm.db');
  }
  if (outcome.refusal?.errors.includes('ErrKEKNotConfigured') === true) {
    signs.push(`an encryption entry at ${outcome.refusal.index ?? 0n}`);
  }
  if (signs.length === 0) return;
  ctx.find('encryption-unknown', 'warning', `${signs.join(', ')}: how is the node started?`);
}
