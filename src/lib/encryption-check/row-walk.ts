/**
 * Every version row of `fsm.db` and of each snapshot's store payload, in key order: what can hold a
 * storage envelope (spec/encryption.md §3). Metadata and registry rows are no versions.
 */
import { toByteString } from '../bytes/byte-string.js';
import { ToolError } from '../core/errors.js';
import { findingOf, type Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import { MemorySource, readRange, type ByteSource } from '../io/byte-source.js';
import type { DirSource } from '../io/dir-source.js';
import type { KvView } from '../kv/kv-view.js';
import { isMetaOrRegistryKey } from '../mvcc/meta-keys.js';
import { openPebble } from '../pebble/db/pebble-db.js';
import { PROTO_37 } from '../proto/dialect.js';
import { isSnapFailure, readSnapFile } from '../raft/snap/snap-file.js';
import { isSnapName } from '../raft/snap/snap-name.js';
import { checkFsm, type FsmFailure } from '../snapshot/crc-check.js';
import { parseFsmFileName } from '../snapshot/fsm-file.js';
import { decodeSnapshotHeader, HEADER_MAX_BYTES } from '../snapshot/header.js';
import { decodeSnapshotData } from '../snapshot/token.js';

/** What holds rows: `fsm.db`, `fsm-snap/….fsm`, or a `.snap` with its payload inline. */
export interface RowPlace {
  /** Below the group dir. */
  readonly name: string;
  readonly kind: 'store' | 'snapshot' | 'inline-snapshot';
  /** Raft index in the file's name; null for the store and a name that carries none. */
  readonly index: bigint | null;
}

export interface RowPlaceWalk {
  readonly findings: readonly Finding[];
  /** Everything in it was looked at. */
  readonly whole: boolean;
}

export interface RowSinks {
  /** Borrowed for the call. */
  row(rawKey: Uint8Array, stored: Uint8Array): void | Promise<void>;
  /** Metadata and registry pairs. */
  other(rawKey: Uint8Array, value: Uint8Array): void;
}

/** The store first, then snapshots from the newest. */
export function rowPlaces(group: DirSource): RowPlace[] {
  const places: RowPlace[] = [];
  if (group.stat('fsm.db')?.kind === 'directory') {
    places.push({ name: 'fsm.db', kind: 'store', index: null });
  }
  const snapshots: RowPlace[] = [];
  if (group.stat('fsm-snap')?.kind === 'directory') {
    for (const { name, kind } of group.dir('fsm-snap').list()) {
      if (kind !== 'file' || !name.endsWith('.fsm')) continue;
      const index = parseFsmFileName(name) ?? null;
      snapshots.push({ name: `fsm-snap/${name}`, kind: 'snapshot', index });
    }
  }
  return [...places, ...snapshots.reverse(), ...inlinePlaces(group).reverse()];
}

function inlinePlaces(group: DirSource): RowPlace[] {
  if (group.stat('snap')?.kind !== 'directory') return [];
  const snap = group.dir('snap');
  const names = snap.list().filter(({ name, kind }) => kind === 'file' && isSnapName(name));
  return names.flatMap(({ name }) => {
    const inline = inlinePayload(group, `snap/${name}`);
    if (inline === undefined) return [];
    return [{ name: `snap/${name}`, kind: 'inline-snapshot' as const, index: inline.index }];
  });
}

function inlinePayload(
  group: DirSource,
  path: string,
): { index: bigint; payload: Uint8Array } | undefined {
  const file = readSnapFile(group.dir('snap'), path.slice('snap/'.length), PROTO_37);
  if (isSnapFailure(file)) return undefined;
  const payload = file.snapshot.data ?? new Uint8Array(0);
  if (decodeSnapshotData(payload, { path }).kind !== 'inline') return undefined;
  return { index: file.snapshot.metadata?.index ?? 0n, payload };
}

/** Cutover in the header of the newest `.fsm`; 0 where there is none that reads. */
export function newestHeaderCutover(group: DirSource): bigint {
  const newest = rowPlaces(group).find(({ kind }) => kind !== 'store');
  if (newest === undefined) return 0n;
  try {
    const source = sourceOf(group, newest);
    try {
      const head = readRange(source, 0, Math.min(HEADER_MAX_BYTES, source.size));
      return decodeSnapshotHeader(head, { path: newest.name, offset: 0 }).cutover;
    } finally {
      source.close();
    }
  } catch (error) {
    if (error instanceof ToolError) return 0n;
    throw error;
  }
}

/** Walks one place. What cannot be read is a finding; the rest is still walked where possible. */
export async function walkRows(
  group: DirSource,
  place: RowPlace,
  sinks: RowSinks,
  pace: Pace,
): Promise<RowPlaceWalk> {
  const findings: Finding[] = [];
  try {
    if (place.kind === 'store') {
      await walkStore(group, sinks, pace);
      return { findings, whole: true };
    }
    const source = sourceOf(group, place);
    try {
      const container = place.kind === 'snapshot';
      const check = await checkFsm(source, { mode: 'restore', container, pace });
      if (check.failure) findings.push(failureFinding(check.failure, place.name));
      const view = check.restored?.view;
      if (view !== undefined) await walkView(view, sinks, pace);
      return { findings, whole: view !== undefined };
    } finally {
      source.close();
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    findings.push({ ...findingOf(error), file: place.name });
    return { findings, whole: false };
  }
}

function sourceOf(group: DirSource, { name, kind }: RowPlace): ByteSource {
  if (kind === 'snapshot') return group.dir('fsm-snap').open(name.slice('fsm-snap/'.length));
  const bytes = inlinePayload(group, name)?.payload ?? new Uint8Array(0);
  return new MemorySource(name, bytes);
}

async function walkStore(group: DirSource, sinks: RowSinks, pace: Pace): Promise<void> {
  const db = openPebble(group.dir('fsm.db'));
  try {
    await walkView(db, sinks, pace);
  } finally {
    db.close();
  }
}

/** A look at the clock for every row would cost more than the row. */
const PACE_BYTES = 1 << 16;

const UNDERSCORE = 0x5f;
const EXCLAMATION = 0x21;

async function walkView(view: KvView, sinks: RowSinks, pace: Pace): Promise<void> {
  const cursor = view.cursor();
  let passed = 0;
  for (let on = cursor.first(); on; on = cursor.next()) {
    const { key, value } = cursor;
    const first = key[0];
    const special = first === UNDERSCORE || first === EXCLAMATION;
    if (special && isMetaOrRegistryKey(toByteString(key))) sinks.other(key, value);
    else {
      const wait = sinks.row(key, value);
      if (wait) await wait;
    }
    passed += key.length + value.length;
    if (passed < PACE_BYTES) continue;
    const turn = pace.step(passed);
    if (turn) await turn;
    passed = 0;
  }
}

function failureFinding(failure: FsmFailure, file: string): Finding {
  return {
    code: failure.code,
    severity: 'error',
    file,
    offset: failure.site?.offset,
    message: failure.message,
    nodeError: failure.nodeErrors[0],
  };
}
