/**
 * Step 2: `fsm.db` is opened, or created empty (spec/cold-start.md §1, spec/mvcc-store.md §4). Only
 * looked at here: what opening would write goes into the overlay or the list of actions.
 */
import { IoError } from '../core/errors.js';
import { hex } from '../bytes/hex.js';
import type { KvView } from '../kv/kv-view.js';
import { EMPTY_VIEW } from '../kv/memory-view.js';
import { OverlayStore } from '../kv/overlay.js';
import { storeDigest } from '../kv/store-digest.js';
import { raiseLastCommitTs, scanLastCommitTs } from '../mvcc/last-commit-scan.js';
import { APPLIED_INDEX_KEY, LAST_COMMIT_TS_KEY, META_KEYS, readMeta } from '../mvcc/meta-keys.js';
import { openPebble } from '../pebble/db/pebble-db.js';
import { pebbleOpenVerdict } from '../pebble/db/refusal.js';
import type { BootContext } from './boot-context.js';
import type { FsmBefore } from './boot-report.js';
import { Refusal } from './refusal.js';

const STEP = 2;
const DB = 'fsm.db';
const BACKUP_PREFIX = `${DB}-restore-backup-`;
const STALE_PREFIXES = [`${DB}-sst-checkpoint-`, `${DB}-sst-ingest-`, `${DB}-sst-receive-`];

/** @throws {Refusal} step 2 where Pebble, or the clean-up before it, refuses */
export async function openStore(ctx: BootContext): Promise<void> {
  const dbName = ctx.generation.managesSiblings ? prepareSiblings(ctx) : DB;
  const base = openPebbleView(ctx, dbName);
  const view = base ?? EMPTY_VIEW;
  ctx.useStore(new OverlayStore(view));
  ctx.fsmBefore = await describe(ctx, view, base === null);
  if (base === null) ctx.disk.note(created());
  if (ctx.build.repairsLastCommitTs) {
    raiseLastCommitTs(ctx.store, await scanLastCommitTs(view, ctx.input.pace));
  }
  ctx.fsm.storeOpened();
  if (ctx.generation.managesSiblings) deleteSiblings(ctx, [BACKUP_PREFIX], dbName);
}

function created(): Parameters<BootContext['disk']['note']>[0] {
  return { kind: 'create', path: DB, size: null, detail: 'an empty database', lossy: false };
}

/**
 * The database of that name below the group dir, opened once; null where Pebble would create one.
 * @throws {Refusal} step 2 where Pebble refuses
 */
export function openPebbleView(ctx: BootContext, dbName: string): KvView | null {
  const known = ctx.databases.get(dbName);
  if (known !== undefined) return known;
  if (!ctx.disk.exists(dbName)) return null;
  try {
    const db = openPebble(ctx.disk.dir(dbName), {
      findings: (finding) => ctx.findings.push(finding),
    });
    ctx.onClose(() => db.close());
    ctx.databases.set(dbName, db);
    return db;
  } catch (error) {
    const verdict = pebbleOpenVerdict(error);
    if (verdict === 'creates') return null;
    if (verdict === 'unknown' || !(error instanceof Error)) throw error;
    throw new Refusal({ step: STEP, message: error.message });
  }
}

async function describe(ctx: BootContext, view: KvView, absent: boolean): Promise<FsmBefore> {
  const meta: Record<string, string> = {};
  for (const key of META_KEYS) {
    const value = view.get(key);
    if (value !== undefined) meta[key] = hex(value);
  }
  const digest = ctx.input.wantDigest && !absent ? await storeDigest(view, ctx.input.pace) : null;
  if (digest !== null) ctx.found = { view, digest };
  return {
    absent,
    appliedIndex: readMeta(view, APPLIED_INDEX_KEY),
    lastCommitTs: readMeta(view, LAST_COMMIT_TS_KEY),
    keys: digest?.keys ?? null,
    sha256: digest?.sha256 ?? null,
    meta,
  };
}

/** @returns the directory that stands as `fsm.db` afterwards: a backup that is renamed back, or it */
function prepareSiblings(ctx: BootContext): string {
  let dbName = DB;
  if (!ctx.disk.exists(DB)) {
    const backups = siblings(ctx, [BACKUP_PREFIX]);
    const [only] = backups;
    if (backups.length > 1) {
      const names = backups.join(', ');
      const message = `fsm.db is missing and there are ${backups.length} backups: ${names}`;
      throw new Refusal({ step: STEP, message });
    }
    if (only !== undefined) {
      dbName = only;
      const detail = `renamed back to ${DB}: a restore was interrupted`;
      ctx.disk.note({ kind: 'rename', path: only, size: null, detail, lossy: false });
    }
  }
  deleteSiblings(ctx, STALE_PREFIXES, dbName);
  return dbName;
}

function deleteSiblings(ctx: BootContext, prefixes: readonly string[], except: string): void {
  for (const name of siblings(ctx, prefixes)) {
    if (name === except) continue;
    ctx.disk.deleteTree(name, 'stale sibling of fsm.db', true);
  }
}

function siblings(ctx: BootContext, prefixes: readonly string[]): string[] {
  try {
    const names = ctx.disk.list('').map(({ name }) => name);
    return names.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
  } catch (error) {
    if (error instanceof IoError && error.code === 'io-not-found') return [];
    throw error;
  }
}
