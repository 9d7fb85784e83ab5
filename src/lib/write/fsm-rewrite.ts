/**
 * A `.fsm` with another header in front of the same store payload (spec/snapshot-files.md §6): the
 * source is checked in its three steps first, and the new CRC comes out of the same reading.
 */
import { crc32c } from '../checksum/crc32c.js';
import { UsageError, assert } from '../core/errors.js';
import type { Pace } from '../core/pace.js';
import { bytesPiece, filePiece, type Piece } from '../io/atomic-content.js';
import { readRange, type ByteSource } from '../io/byte-source.js';
import { FileSource } from '../io/file-source.js';
import { Window } from '../io/window.js';
import { FsmPass } from '../snapshot/crc-check.js';
import { encodeFooter } from '../snapshot/fsm-file.js';
import { encodeSnapshotHeader, type SnapshotHeader } from '../snapshot/header.js';
import { ORACLE_BYTES } from '../snapshot/payload/oracle.js';
import {
  sniffStorePayload,
  STORE_MAGIC_BYTES,
  type StorePayloadKind,
} from '../snapshot/payload/store-magic.js';
import type { FsmToken } from '../snapshot/token.js';
import { crcWithFront } from './crc-shift.js';
import type { WrittenHeader } from './header-change.js';

/** A checked source. */
export interface SoundFsm {
  readonly path: string;
  readonly size: number;
  /** Undefined for a bare payload. */
  readonly footer: number | undefined;
  /** CRC32C of the payload. */
  readonly crc: number;
  readonly header: SnapshotHeader;
  readonly kind: StorePayloadKind;
  /** Bytes of header and store payload. */
  readonly payloadBytes: number;
}

/**
 * The three steps, the header, and the magic of the store payload.
 * @param shown  the path as the operator typed it
 * @param container  false for a bare payload: no footer, no CRC
 * @throws {FsmFault} the source is damaged; {UsageError} `payload-not-kv`
 */
export async function checkSource(
  path: string,
  token: FsmToken | undefined,
  pace: Pace,
  container = true,
): Promise<SoundFsm> {
  const source = new FileSource(path);
  try {
    const pass = new FsmPass(source, { token, mode: 'skip', pace, container });
    pass.checkToken();
    if (pass.payloadBytes === ORACLE_BYTES) {
      const text = `${path}: 8 bytes of payload are the timestamp oracle's; it has no header`;
      throw new UsageError('payload-not-kv', text);
    }
    pass.readHeader();
    await pass.checkCrc();
    const { header, footer, payloadBytes } = pass;
    assert(header !== undefined, 'the header was read just now');
    const kind = storeKind(source, header.length, pass.payloadBytes);
    // The check has no use for the CRC of a payload without footer.
    const known = container ? pass.computed : undefined;
    const crc = known ?? (await crcOf(path, 0, payloadBytes, 0, pace));
    return { path, size: source.size, footer, crc, header, kind, payloadBytes };
  } finally {
    source.close();
  }
}

function storeKind(source: ByteSource, offset: number, end: number): StorePayloadKind {
  const magic = readRange(source, offset, Math.min(STORE_MAGIC_BYTES, end - offset));
  return sniffStorePayload(magic, { path: source.path, offset });
}

export interface RewrittenFsm {
  readonly header: WrittenHeader;
  readonly headerBytes: Uint8Array;
  /** Also the token's. */
  readonly crc: number;
  readonly size: number;
  readonly pieces: readonly Piece[];
}

/** The same store payload behind another header, or behind none. */
export function rewriteFsm(from: SoundFsm, header: WrittenHeader): RewrittenFsm {
  const headerBytes = encodeSnapshotHeader(header);
  const offset = from.header.length;
  const length = from.payloadBytes - offset;
  const oldFront = crc32c(encodeSnapshotHeader(from.header));
  const crc = crcWithFront(from.crc, oldFront, crc32c(headerBytes), length);
  const body = filePiece(from.path, offset, length);
  const pieces = [bytesPiece(headerBytes), body, bytesPiece(encodeFooter(crc))];
  const size = headerBytes.length + length + 4;
  return { header, headerBytes, crc, size, pieces };
}

/** CRC32C of a range of a file, continued from `crc`. */
export async function crcOf(
  path: string,
  offset: number,
  length: number,
  crc: number,
  pace: Pace,
): Promise<number> {
  const source = new FileSource(path);
  let running = crc;
  try {
    const window = new Window(source, offset, offset + length);
    while (window.left > 0) {
      const chunk = window.takeUpTo(window.left);
      running = crc32c(chunk, running);
      await pace.step(chunk.length);
    }
    return running;
  } finally {
    source.close();
  }
}
