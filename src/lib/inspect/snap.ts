/**
 * A `.snap` file (spec/etcd-wal.md §5.1, spec/snapshot-files.md §3): checksum, position, members, and
 * the token that names its `.fsm`. An inline payload of any size is passed over, not brought in.
 */
import { crc32c } from '../checksum/crc32c.js';
import { hex32 } from '../bytes/hex.js';
import { findingOf, type Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import { readRange, SubSource, type ByteSource } from '../io/byte-source.js';
import { Window } from '../io/window.js';
import { PROTO_37 } from '../proto/dialect.js';
import { ProtoError } from '../proto/proto-error.js';
import type { ConfState } from '../raft/conf-state.js';
import { decodeRaftSnapshot, type SnapshotMetadata } from '../raft/raft-snapshot.js';
import { decodeSnapFile, isSnapFailure } from '../raft/snap/snap-file.js';
import { snapName } from '../raft/snap/snap-name.js';
import type { Field } from '../snapshot/field.js';
import { decodeSnapshotData, TOKEN_BYTES, tokenFields, type FsmToken } from '../snapshot/token.js';
import { readSnapLayout, type SnapLayout } from './snap-layout.js';

export interface SnapReport {
  readonly path: string;
  readonly size: number;
  readonly storedCrc: number | undefined;
  readonly computedCrc: number | undefined;
  readonly index: bigint | undefined;
  readonly term: bigint | undefined;
  readonly confState: ConfState | undefined;
  readonly data: 'token' | 'inline' | 'empty' | 'invalid' | 'unread';
  readonly token: FsmToken | undefined;
  /** The payload inside, where it is not a token. Reads from the source: keep that open. */
  readonly inline: SubSource | undefined;
  readonly fields: readonly Field[];
  readonly findings: readonly Finding[];
}

/** A file of this size is judged by the decoder of the boot itself. */
const WHOLE_BYTES = 8 << 20;
const MAX_METADATA_BYTES = 1 << 20;

/** @throws {IoError}; whatever the bytes say is a finding */
export async function readSnap(source: ByteSource, name: string, pace: Pace): Promise<SnapReport> {
  const { path, size } = source;
  const layout = readSnapLayout(source);
  const findings: Finding[] = [];
  const report = {
    path,
    size,
    storedCrc: layout?.crc,
    computedCrc: layout && (await crcFrom(source, layout.offset, pace)),
    fields: layout ? fieldsOf(layout, source) : [],
    findings,
  };
  const unread = {
    index: undefined,
    term: undefined,
    confState: undefined,
    data: 'unread' as const,
    token: undefined,
    inline: undefined,
  };
  const fault = faultOf(source, layout, report.computedCrc);
  if (fault) {
    findings.push(fault);
    return { ...report, ...unread };
  }
  const metadata = layout && metadataOf(source, layout, findings);
  if (!layout || !metadata) return { ...report, ...unread };
  const { index = 0n, term = 0n, confState } = metadata;
  findings.push(...nameFindings(path, name, term, index));
  const position = { ...report, index, term, confState };
  const { data } = layout;
  if (data === undefined || data.length === 0) {
    return { ...position, data: 'empty', token: undefined, inline: undefined };
  }
  const start = readRange(source, data.offset, Math.min(data.length, TOKEN_BYTES + 1));
  const decoded = decodeSnapshotData(start, { path, offset: data.offset });
  if (decoded.kind === 'invalid') findings.push(findingOf(decoded.fault));
  const token = decoded.kind === 'token' ? decoded.token : undefined;
  if (token && token.index !== index) {
    findings.push({
      code: 'snapshot-token-elsewhere',
      severity: 'warning',
      file: path,
      offset: data.offset + 5,
      message: `the token names index ${token.index}, the snapshot is at ${index}`,
    });
  }
  const inline =
    decoded.kind === 'inline' ? new SubSource(source, data.offset, data.length) : undefined;
  const fields = token ? [...report.fields, ...tokenFields(token, data.offset)] : report.fields;
  return { ...position, fields, data: decoded.kind, token, inline };
}

async function crcFrom(source: ByteSource, from: number, pace: Pace): Promise<number> {
  const window = new Window(source, from);
  let crc = 0;
  while (window.left > 0) {
    const chunk = window.takeUpTo(window.left);
    crc = crc32c(chunk, crc);
    await pace.step(chunk.length);
  }
  return crc;
}

/** Why a node cannot use the file; it says nothing and renames it. */
function faultOf(
  source: ByteSource,
  layout: SnapLayout | undefined,
  computed: number | undefined,
): Finding | undefined {
  const at = { severity: 'error' as const, file: source.path };
  if (source.size <= WHOLE_BYTES) {
    const file = decodeSnapFile(readRange(source, 0, source.size), PROTO_37);
    if (!isSnapFailure(file)) {
      if (layout) return undefined;
      const message = 'the fields stand in an order that no writer uses; the node reads the file';
      return { ...at, code: 'snap-malformed', severity: 'warning', message, exitCode: 5 };
    }
    const offset = file.code === 'snap-crc-mismatch' ? layout?.crcOffset : 0;
    return { ...at, code: file.code, offset, message: file.detail, nodeError: file.nodeError };
  }
  if (layout === undefined) {
    const message = 'the fields of a .snap do not fill the file exactly';
    return { ...at, code: 'snap-malformed', offset: 0, message };
  }
  if (layout.crc !== 0 && computed === layout.crc) return undefined;
  const stated = `stored crc ${hex32(layout.crc)}, computed ${hex32(computed ?? 0)}`;
  return layout.crc === 0
    ? {
        ...at,
        code: 'snap-empty',
        message: 'the stored CRC is 0 or absent',
        nodeError: 'snap: empty snapshot',
      }
    : {
        ...at,
        code: 'snap-crc-mismatch',
        offset: layout.crcOffset,
        message: stated,
        nodeError: 'snap: crc mismatch',
      };
}

function metadataOf(
  source: ByteSource,
  { metadata }: SnapLayout,
  findings: Finding[],
): SnapshotMetadata | undefined {
  const none = { index: undefined, term: undefined, confState: undefined };
  if (metadata === undefined) return none;
  const fault = (message: string): undefined => {
    const at = { file: source.path, offset: metadata.offset };
    findings.push({ code: 'snap-malformed', severity: 'error', ...at, message });
  };
  if (metadata.length > MAX_METADATA_BYTES) return fault(`metadata of ${metadata.length} bytes`);
  const tag = source.size - metadata.length;
  // The tag and the length in front of it make it a snapshot without data.
  const head = headLength(metadata.length);
  try {
    const bytes = readRange(source, tag - head, head + metadata.length);
    return decodeRaftSnapshot(bytes, PROTO_37).metadata ?? none;
  } catch (error) {
    if (!(error instanceof ProtoError)) throw error;
    return fault(error.detail);
  }
}

/** Tag and varint in front of so many bytes. */
function headLength(length: number): number {
  let head = 2;
  for (let left = length; left >= 0x80; left = Math.floor(left / 0x80)) head++;
  return head;
}

function nameFindings(file: string, name: string, term: bigint, index: bigint): Finding[] {
  if (!name.endsWith('.snap') || name === snapName(term, index)) return [];
  const message = `inside it is the snapshot of term ${term}, index ${index}`;
  return [{ code: 'snapshot-name-mismatch', severity: 'warning', file, message }];
}

function fieldsOf(layout: SnapLayout, source: ByteSource): Field[] {
  const { crcOffset, crcLength, offset, data, metadata } = layout;
  const crcEnd = crcOffset + crcLength;
  const fields: Field[] = [
    { name: 'tag 1, crc', offset: 0, length: 1, value: '' },
    { name: 'crc', offset: crcOffset, length: crcLength, value: hex32(layout.crc) },
    {
      name: 'tag 2, snapshot length',
      offset: crcEnd,
      length: offset - crcEnd,
      value: String(source.size - offset),
    },
  ];
  if (data) {
    const length = data.offset - offset;
    fields.push({ name: 'tag 1, data length', offset, length, value: String(data.length) });
  }
  if (metadata) {
    const from = data ? data.offset + data.length : offset;
    const value = String(metadata.length);
    fields.push({
      name: 'tag 2, metadata length',
      offset: from,
      length: metadata.offset - from,
      value,
    });
    const { length } = metadata;
    fields.push({ name: 'metadata', offset: metadata.offset, length, value: '' });
  }
  return fields;
}
