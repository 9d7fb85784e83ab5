/** One damaged case read by us, held against what the library said about it. */
import { createHash } from 'node:crypto';
import { ToolError } from '../../../src/lib/core/errors.js';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { MemoryDir } from '../../../src/lib/io/memory-dir.js';
import { storeDigest } from '../../../src/lib/kv/store-digest.js';
import { openPebble } from '../../../src/lib/pebble/db/pebble-db.js';
import { PROTO_36 } from '../../../src/lib/proto/dialect.js';
import { decodeSnapFile, isSnapFailure } from '../../../src/lib/raft/snap/snap-file.js';
import { EntryData } from '../../../src/lib/raft/wal/entry-data.js';
import { openSegments } from '../../../src/lib/raft/wal/open-segments.js';
import { readAll, writeModeError } from '../../../src/lib/raft/wal/read-all.js';
import { planRepair } from '../../../src/lib/raft/wal/repair-plan.js';
import {
  isSelectionRefusal,
  listWal,
  selectSegments,
} from '../../../src/lib/raft/wal/segment-name.js';
import { scanSnapshots } from '../../../src/lib/raft/wal/snapshot-scan.js';
import type { DamageKind } from './damage-cases.js';

export interface WalAnswer {
  readonly panic?: string;
  readonly repairPanic?: string;
  readonly snapError: string;
  readonly snaps: readonly (readonly [string, string])[] | null;
  readonly readError: string;
  readonly entries: number;
  readonly last: string;
  readonly digest: string;
  readonly commit: string;
  readonly term: string;
  readonly repaired: boolean;
  readonly sizes: Readonly<Record<string, number>> | null;
}

export interface SnapAnswer {
  readonly panic?: string;
  readonly error: string;
  readonly index: string;
  readonly term: string;
  readonly data: string;
}

export interface PebbleAnswer {
  readonly panic?: string;
  readonly error: string;
  readonly walkError: string;
  readonly keys: number;
  readonly digest: string;
}

export class Comparison {
  readonly lines: string[] = [];
  agree = 0;
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  same(what: string, ours: unknown, theirs: unknown): void {
    if (ours === theirs) this.agree++;
    else this.lines.push(`${this.name} ${what}: ours ${String(ours)}, theirs ${String(theirs)}`);
  }
}

function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

function compareReading(out: Comparison, dir: MemoryDir, theirs: WalAnswer): void {
  const { segments } = listWal(dir);
  const scan = scanSnapshots(openSegments(dir, segments), PROTO_36);
  if (scan.end.kind === 'corrupt' && scan.end.panic) {
    out.same('panic', true, theirs.panic !== undefined);
    return;
  }
  out.same('snapshot scan', scan.end.kind === 'corrupt', theirs.snapError !== '');
  const snaps = (theirs.snaps ?? []).map(([index, term]) => `${index}/${term}`);
  const ours = theirs.snapError === '' ? scan.valid.map((s) => `${s.index}/${s.term}`) : [];
  out.same('snapshots', ours.join(' '), snaps.join(' '));
  if (theirs.snapError !== '') return;
  const { index = 0n, term = 0n } = scan.valid.at(-1) ?? {};
  const selected = selectSegments(segments, index);
  if (isSelectionRefusal(selected)) {
    out.same('selection', true, theirs.readError !== '');
    return;
  }
  const content = readAll(openSegments(dir, selected), { index, term }, PROTO_36);
  const panics = content.end.kind === 'corrupt' && content.end.panic;
  out.same('panic', panics, theirs.panic !== undefined);
  if (panics) return;
  const error = writeModeError(content);
  out.same('refused', error !== undefined, theirs.readError !== '');
  if (theirs.readError !== '' || error !== undefined) return;
  const data = new EntryData(dir);
  const hash = createHash('sha256');
  for (let i = 0; i < content.entries.length; i++) {
    const bytes = Buffer.from(data.read(content.entries, i));
    const { entries } = content;
    const at = `${entries.termAt(i)} ${entries.indexAt(i)} ${entries.typeAt(i)}`;
    hash.update(`${at} ${bytes.toString('hex')}\n`);
  }
  out.same('entries', content.entries.length, theirs.entries);
  out.same('digest', hash.digest('hex').slice(0, 16), theirs.digest);
  out.same('commit', String(content.hardState.commit ?? 0n), theirs.commit);
  out.same('term', String(content.hardState.term ?? 0n), theirs.term);
}

function compareRepair(out: Comparison, dir: MemoryDir, theirs: WalAnswer): void {
  const last = listWal(dir).segments.at(-1);
  const [segment] = last === undefined ? [] : openSegments(dir, [last]);
  if (segment === undefined) {
    out.same('repair', false, theirs.repaired);
    return;
  }
  const plan = planRepair(segment, PROTO_36);
  out.same('repair', plan.kind !== 'refuse', theirs.repaired && theirs.repairPanic === undefined);
  const cut = plan.kind === 'cut' && plan.offset !== plan.sizeBefore ? plan.offset : undefined;
  out.same('cut', cut, theirs.sizes?.[segment.name]);
}

export function compareWal(
  out: Comparison,
  files: ReadonlyMap<string, Uint8Array>,
  theirs: WalAnswer,
): void {
  const dir = new MemoryDir('DIR', files);
  compareReading(out, dir, theirs);
  compareRepair(out, dir, theirs);
}

export function compareSnap(
  out: Comparison,
  files: ReadonlyMap<string, Uint8Array>,
  theirs: SnapAnswer,
): void {
  const [bytes = new Uint8Array(0)] = files.values();
  const file = decodeSnapFile(bytes, PROTO_36);
  const refused = theirs.error !== '' || theirs.panic !== undefined;
  out.same('refused', isSnapFailure(file), refused);
  if (isSnapFailure(file)) {
    if (theirs.error.startsWith('snap:')) out.same('error', file.nodeError, theirs.error);
    return;
  }
  if (refused) return;
  const { metadata, data } = file.snapshot;
  out.same('index', String(metadata?.index ?? 0n), theirs.index);
  out.same('term', String(metadata?.term ?? 0n), theirs.term);
  out.same('data', sha(data ?? new Uint8Array(0)), theirs.data);
}

export async function comparePebble(
  out: Comparison,
  files: ReadonlyMap<string, Uint8Array>,
  theirs: PebbleAnswer,
): Promise<void> {
  const refusedByThem = theirs.error !== '' || theirs.panic !== undefined;
  const failedByThem = refusedByThem || theirs.walkError !== '';
  let opened = false;
  try {
    const db = openPebble(new MemoryDir('DIR', files));
    opened = true;
    const { keys, sha256 } = await storeDigest(db, NO_PACE);
    db.close();
    out.same('refused', false, failedByThem);
    if (failedByThem) return;
    out.same('keys', keys, theirs.keys);
    out.same('digest', sha256, theirs.digest);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const detail = `${opened ? 'walk' : 'open'}: ${error.code}`;
    out.same(`refused (${detail})`, true, failedByThem);
  }
}

type Compare = (
  out: Comparison,
  files: ReadonlyMap<string, Uint8Array>,
  theirs: never,
) => void | Promise<void>;

export const COMPARE: Readonly<Record<DamageKind, Compare>> = {
  wal: compareWal,
  snap: compareSnap,
  pebble: comparePebble,
};
