/**
 * One damaged case read by us, held against what the library said about it. etcd is asked in two
 * versions, our reader each time with the dialect that belongs to it.
 */
import { createHash } from 'node:crypto';
import { ToolError } from '../../../src/lib/core/errors.js';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { MemoryDir } from '../../../src/lib/io/memory-dir.js';
import { storeDigest } from '../../../src/lib/kv/store-digest.js';
import { openPebble } from '../../../src/lib/pebble/db/pebble-db.js';
import { PROTO_36, PROTO_37, type ProtoDialect } from '../../../src/lib/proto/dialect.js';
import { encodeConfState } from '../../../src/lib/raft/conf-state.js';
import { decodeEntry, encodeEntry } from '../../../src/lib/raft/entry.js';
import { encodeHardState } from '../../../src/lib/raft/hard-state.js';
import { encodeRaftSnapshot } from '../../../src/lib/raft/raft-snapshot.js';
import { decodeSnapFile, isSnapFailure } from '../../../src/lib/raft/snap/snap-file.js';
import { RECORD_TYPE, WalDecoder, type WalSegment } from '../../../src/lib/raft/wal/decoder.js';
import { EntryData } from '../../../src/lib/raft/wal/entry-data.js';
import { openSegments } from '../../../src/lib/raft/wal/open-segments.js';
import {
  readAll,
  readModeError,
  writeModeError,
  type WalContent,
} from '../../../src/lib/raft/wal/read-all.js';
import { planRepair } from '../../../src/lib/raft/wal/repair-plan.js';
import {
  isSelectionRefusal,
  listWal,
  selectSegments,
} from '../../../src/lib/raft/wal/segment-name.js';
import { scanSnapshots } from '../../../src/lib/raft/wal/snapshot-scan.js';
import type { DamageKind } from './damage-cases.js';

/** The versions of etcd that are asked, and how our reader is asked beside them. */
export const DIALECTS: Readonly<Record<EtcdVersion, ProtoDialect>> = {
  '3.6': PROTO_36,
  '3.7': PROTO_37,
};
export type EtcdVersion = '3.6' | '3.7';
export const ETCD_VERSIONS: readonly EtcdVersion[] = ['3.6', '3.7'];

/** As the oracle says it; what is empty it leaves out. */
export interface WalAnswer {
  readonly panic?: string;
  readonly repairPanic?: string;
  readonly snapError: string;
  readonly snaps: readonly (readonly [string, string])[];
  readonly seenError: string;
  readonly seen: string;
  readonly readError: string;
  readonly entries: number;
  readonly digest: string;
  readonly commit: string;
  readonly term: string;
  readonly vote: string;
  readonly confStates: string;
  readonly written: string;
  readonly repaired: boolean;
  readonly sizes: Readonly<Record<string, number>>;
}

const NO_WAL_ANSWER: WalAnswer = {
  snapError: '',
  snaps: [],
  seenError: '',
  seen: '',
  readError: '',
  entries: 0,
  digest: '',
  commit: '',
  term: '',
  vote: '',
  confStates: '',
  written: '',
  repaired: false,
  sizes: {},
};

export interface SnapAnswer {
  readonly panic?: string;
  readonly error: string;
  readonly index: string;
  readonly term: string;
  readonly data: string;
  readonly written: string;
}

const NO_SNAP_ANSWER: SnapAnswer = { error: '', index: '', term: '', data: '', written: '' };

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

/** Digest of what is written again; an absent part and an empty one differ. */
function digestOf(parts: readonly (Uint8Array | undefined)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part === undefined ? 'absent\n' : `${Buffer.from(part).toString('hex')}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** A text of the node without what varies from run to run: paths, addresses, Go's two blanks. */
export function sameWords(text: string): string {
  return text
    .replaceAll('\u00a0', ' ')
    .replace(/unexpected block type .*/, 'unexpected block type N')
    .replaceAll(/"?[^\s"]*DIR\//g, '');
}

function compareReading(
  out: Comparison,
  dir: MemoryDir,
  theirs: WalAnswer,
  dialect: ProtoDialect,
): void {
  const { segments } = listWal(dir);
  const scan = scanSnapshots(openSegments(dir, segments), dialect);
  if (scan.end.kind === 'corrupt' && scan.end.panic) {
    out.same('panic', scan.end.nodeError, sameWords(theirs.panic ?? ''));
    return;
  }
  const scanError = scan.end.kind === 'corrupt' ? scan.end.nodeError : '';
  out.same('snapshot scan', sameWords(scanError), sameWords(theirs.snapError));
  const snaps = theirs.snaps.map(([index, term]) => `${index}/${term}`);
  const ours = theirs.snapError === '' ? scan.valid.map((s) => `${s.index}/${s.term}`) : [];
  out.same('snapshots', ours.join(' '), snaps.join(' '));
  if (theirs.snapError !== '' || scanError !== '') return;
  const confStates = scan.valid.map((s) => s.confState && encodeConfState(s.confState, dialect));
  const { index = 0n, term = 0n } = scan.valid.at(-1) ?? {};
  const selected = selectSegments(segments, index);
  if (isSelectionRefusal(selected)) {
    out.same('selection', selected.nodeError, theirs.readError);
    return;
  }
  const opened = openSegments(dir, selected);
  const content = readAll(opened, { index, term }, dialect);
  const panics = content.end.kind === 'corrupt' && content.end.panic;
  out.same('panic', panics ? writeModeError(content) : '', sameWords(theirs.panic ?? ''));
  if (theirs.panic === undefined) {
    out.same('ConfStates', digestOf(confStates), theirs.confStates);
  }
  if (panics) return;
  compareSeen(out, dir, content, theirs);
  const error = writeModeError(content) ?? '';
  out.same('refused', sameWords(error), sameWords(theirs.readError));
  if (theirs.readError !== '' || error !== '') return;
  compareContent(out, dir, content, theirs);
  out.same('written', digestOf(writtenAgain(opened, content, dialect)), theirs.written);
}

function digestOfEntries(dir: MemoryDir, { entries }: WalContent): string {
  const data = new EntryData(dir);
  const hash = createHash('sha256');
  for (let i = 0; i < entries.length; i++) {
    const bytes = Buffer.from(data.read(entries, i));
    const at = `${entries.termAt(i)} ${entries.indexAt(i)} ${entries.typeAt(i)}`;
    hash.update(`${at} ${bytes.toString('hex')}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** In read mode: up to the last good record, wherever the log ends. */
function compareSeen(
  out: Comparison,
  dir: MemoryDir,
  content: WalContent,
  theirs: WalAnswer,
): void {
  const error = readModeError(content) ?? '';
  out.same('read mode', sameWords(error), sameWords(theirs.seenError));
  if (content.end.kind === 'corrupt' || error !== theirs.seenError) return;
  const { term = 0n, vote = 0n, commit = 0n } = content.hardState;
  const digest = digestOfEntries(dir, content);
  const seen = `${content.entries.length} ${digest} ${term}/${vote}/${commit}`;
  out.same('seen', seen, theirs.seen);
}

function compareContent(
  out: Comparison,
  dir: MemoryDir,
  content: WalContent,
  theirs: WalAnswer,
): void {
  out.same('entries', content.entries.length, theirs.entries);
  out.same('digest', digestOfEntries(dir, content), theirs.digest);
  out.same('commit', String(content.hardState.commit ?? 0n), theirs.commit);
  out.same('term', String(content.hardState.term ?? 0n), theirs.term);
  out.same('vote', String(content.hardState.vote ?? 0n), theirs.vote);
}

/** The entries and the hard state as the library would write them: absent and zero fields show. */
function writtenAgain(
  segments: readonly WalSegment[],
  { entries, hardState }: WalContent,
  dialect: ProtoDialect,
): Uint8Array[] {
  const encoded = new Map<string, Uint8Array>();
  const decoder = new WalDecoder(segments, dialect);
  while (decoder.next()) {
    if (decoder.type === RECORD_TYPE.crc) decoder.acceptCrcRecord();
    if (decoder.type !== RECORD_TYPE.entry) continue;
    const entry = decodeEntry(decoder.bytes.slice(decoder.dataFrom, decoder.dataTo), dialect);
    encoded.set(`${decoder.ordinal} ${decoder.frameOffset}`, encodeEntry(entry, dialect));
  }
  decoder.close();
  const kept = [...entries.rows()].map(({ segment, frameOffset }) =>
    encoded.get(`${segment} ${frameOffset}`)!,
  );
  return [...kept, encodeHardState(hardState, dialect)];
}

function compareRepair(
  out: Comparison,
  dir: MemoryDir,
  theirs: WalAnswer,
  dialect: ProtoDialect,
): void {
  const last = listWal(dir).segments.at(-1);
  const [segment] = last === undefined ? [] : openSegments(dir, [last]);
  if (segment === undefined) {
    out.same('repair', false, theirs.repaired);
    return;
  }
  const plan = planRepair(segment, dialect);
  out.same('repair', plan.kind !== 'refuse', theirs.repaired && theirs.repairPanic === undefined);
  const cut = plan.kind === 'cut' && plan.offset !== plan.sizeBefore ? plan.offset : undefined;
  out.same('cut', cut, theirs.sizes[segment.name]);
}

export function compareWal(
  out: Comparison,
  files: ReadonlyMap<string, Uint8Array>,
  answer: Partial<WalAnswer>,
  dialect: ProtoDialect,
): void {
  const theirs = { ...NO_WAL_ANSWER, ...answer };
  const dir = new MemoryDir('DIR', files);
  compareReading(out, dir, theirs, dialect);
  compareRepair(out, dir, theirs, dialect);
}

export function compareSnap(
  out: Comparison,
  files: ReadonlyMap<string, Uint8Array>,
  answer: Partial<SnapAnswer>,
  dialect: ProtoDialect,
): void {
  const theirs = { ...NO_SNAP_ANSWER, ...answer };
  const [bytes = new Uint8Array(0)] = files.values();
  const file = decodeSnapFile(bytes, dialect);
  out.same('panic', undefined, theirs.panic);
  out.same('error', isSnapFailure(file) ? file.nodeError : '', sameWords(theirs.error));
  if (isSnapFailure(file) || theirs.error !== '') return;
  const { metadata, data } = file.snapshot;
  out.same('index', String(metadata?.index ?? 0n), theirs.index);
  out.same('term', String(metadata?.term ?? 0n), theirs.term);
  out.same('data', sha(data ?? new Uint8Array(0)), theirs.data);
  const written = encodeRaftSnapshot(file.snapshot, dialect);
  out.same('written', digestOf([written]), theirs.written);
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
  dialect: ProtoDialect,
) => void | Promise<void>;

export const COMPARE: Readonly<Record<DamageKind, Compare>> = {
  wal: compareWal,
  'wal-wire': compareWal,
  snap: compareSnap,
  'snap-wire': compareSnap,
  pebble: comparePebble,
};

/** What the oracle calls it. */
export function jobOf(kind: DamageKind): string {
  return kind.replace('-wire', '');
}

/** Pebble does not mind which etcd stands beside it. */
export function versionsOf(kind: DamageKind): readonly EtcdVersion[] {
  return kind === 'pebble' ? ['3.6'] : ETCD_VERSIONS;
}
