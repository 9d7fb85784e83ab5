/**
 * Files that have no checksum of their own: peers file, legacy raft state, sidecar, engine marker
 * (spec/etcd-wal.md §6.9, §7.1, spec/encryption.md §2). Reading one to its end is all the proof there
 * is, and bytes behind its last field are ignored by the node.
 */
import { ToolError, UnsupportedError } from '../core/errors.js';
import { findingOf, type Finding } from '../core/finding.js';
import { readRange, type ByteSource } from '../io/byte-source.js';
import { Fault } from '../mvcc/fault.js';
import type { Kek } from '../encryption/kek.js';
import {
  MAX_SIDECAR_BYTES,
  parseSidecar,
  type Sidecar,
  type SidecarKey,
} from '../encryption/sidecar.js';
import { PROTO_37 } from '../proto/dialect.js';
import { ProtoError } from '../proto/proto-error.js';
import { readPeersFile, type PeersFile } from '../raft/peers/peers-file.js';
import {
  readLegacyEntries,
  readLegacyMeta,
  readLegacyState,
  type LegacyMeta,
} from '../raft/legacy/legacy-files.js';
import type { EntryTable } from '../raft/wal/entry-table.js';

/** The value, or the finding that says why there is none. */
export interface Read<T> {
  readonly value: T | undefined;
  readonly findings: readonly Finding[];
}

function reading<T>(path: string, read: () => T): Read<T> {
  try {
    return { value: read(), findings: [] };
  } catch (error) {
    if (error instanceof ProtoError) {
      const at = { code: 'proto-malformed' as const, severity: 'error' as const, file: path };
      return { value: undefined, findings: [{ ...at, message: error.detail }] };
    }
    if (!(error instanceof ToolError) || error.exitCode === 1) throw error;
    return { value: undefined, findings: [findingOf(error)] };
  }
}

/** @throws {IoError} */
export function readPeers(source: ByteSource): Read<PeersFile> {
  return reading(source.path, () => readPeersFile(source));
}

export interface LegacyReport extends Partial<LegacyMeta> {
  readonly entries: EntryTable | undefined;
}

/** @throws {IoError} */
export function readLegacy(
  source: ByteSource,
  kind: 'legacy-state' | 'legacy-meta' | 'legacy-entries',
): Read<LegacyReport> {
  return reading(source.path, () => {
    if (kind === 'legacy-state') return readLegacyState(source, PROTO_37);
    if (kind === 'legacy-meta') return { ...readLegacyMeta(source, PROTO_37), entries: undefined };
    return { entries: readLegacyEntries(source, PROTO_37) };
  });
}

/** A key as anyone may see it. */
export interface SidecarKeyView {
  readonly id: number;
  readonly purpose: string;
  readonly created: string;
  readonly localEpoch: number;
  readonly active: boolean;
  /** Null: there was no KEK to try. */
  readonly unwraps: boolean | null;
  /** Why not. */
  readonly why: string | null;
}

export interface SidecarReport {
  readonly sidecar: Sidecar;
  readonly keys: readonly SidecarKeyView[];
}

/** @throws {IoError} */
export function readSidecar(source: ByteSource, kek: Kek | undefined): Read<SidecarReport> {
  const read = reading(source.path, () => {
    if (source.size > MAX_SIDECAR_BYTES) {
      const message = `a sidecar of ${source.size} bytes is not read`;
      throw new UnsupportedError('limit-exceeded', message, { site: { path: source.path } });
    }
    return parseSidecar(readRange(source, 0, source.size), source.path);
  });
  const sidecar = read.value;
  if (sidecar === undefined) return { value: undefined, findings: read.findings };
  const findings: Finding[] = [];
  const keys: SidecarKeyView[] = [];
  for (const key of [...sidecar.keys.values()].sort((a, b) => a.id - b.id)) {
    const { id, purpose, created, localEpoch } = key;
    const active = sidecar.active[purpose] === id;
    const outcome = unwrapped(key, kek);
    keys.push({ id, purpose, created, localEpoch, active, ...outcome });
    if (outcome.unwraps !== false) continue;
    findings.push({
      code: 'kek-mismatch',
      severity: 'error',
      file: source.path,
      message: `key ${id} (${purpose}) does not unwrap with this KEK: ${outcome.why}`,
      nodeError: 'ErrKEKMismatch',
      exitCode: 4,
    });
  }
  return { value: { sidecar, keys }, findings };
}

function unwrapped(
  { wrapped }: SidecarKey,
  kek: Kek | undefined,
): Pick<SidecarKeyView, 'unwraps' | 'why'> {
  if (kek === undefined) return { unwraps: null, why: null };
  if (wrapped.length === 0) return { unwraps: null, why: 'no wrapped key' };
  const dek = kek.unwrap(wrapped);
  if (dek instanceof Fault) return { unwraps: false, why: dek.text };
  dek.wipe();
  return { unwraps: true, why: null };
}

const MARKER = 'etcd';
const MAX_MARKER_BYTES = 4096;

/** The backend that the dir belongs to. @throws {IoError} */
export function readEngineMarker(source: ByteSource): Read<string> {
  const bytes = readRange(source, 0, Math.min(source.size, MAX_MARKER_BYTES));
  const text = Buffer.from(bytes).toString('latin1').trim();
  // An empty marker is none.
  if (text === MARKER || text === '') return { value: text, findings: [] };
  // What else stands there may be anything, and is not repeated.
  const message = `the marker holds ${source.size} bytes that are not "${MARKER}"`;
  const at = { code: 'engine-marker' as const, severity: 'error' as const, file: source.path };
  return { value: undefined, findings: [{ ...at, message, exitCode: 4 }] };
}
