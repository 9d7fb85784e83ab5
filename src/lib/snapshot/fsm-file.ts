/**
 * The `.fsm` container (spec/snapshot-files.md §1): payload, then its CRC32C in 4 bytes BE. An empty
 * payload is a valid file of 4 bytes. The name is the raft index: `%016x.fsm` in `fsm-snap/`.
 */
import { hex64 } from '../bytes/hex.js';
import { u32be } from '../bytes/read.js';
import { putU32be } from '../bytes/write.js';
import { IoError } from '../core/errors.js';
import { readRange, type ByteSource } from '../io/byte-source.js';
import type { DirSource } from '../io/dir-source.js';
import { FsmFault } from './fsm-fault.js';

export const FSM_FOOTER_BYTES = 4;

export function fsmFileName(index: bigint): string {
  return `${hex64(index)}.fsm`;
}

/**
 * The index in a name as the clean-up at boot reads it: any number of hex digits up to 64 bits
 * (spec/etcd-wal.md §6.3). Only `fsmFileName(index)` is ever opened.
 */
export function parseFsmFileName(name: string): bigint | undefined {
  const digits = /^([0-9a-fA-F]+)\.fsm$/.exec(name)?.[1]?.replace(/^0+(?=.)/, '');
  if (digits === undefined || digits.length > 16) return undefined;
  return BigInt(`0x${digits}`);
}

/**
 * Opens the file of that index, as a node does with the token's.
 * @throws {FsmFault} stage `open` when it does not exist
 * @throws {IoError} any other failure, reported as it is
 */
export function openFsm(fsmSnap: DirSource, index: bigint): ByteSource {
  const name = fsmFileName(index);
  try {
    return fsmSnap.open(name);
  } catch (error) {
    if (!(error instanceof IoError) || error.code !== 'io-not-found') throw error;
    throw new FsmFault('fsm-not-found', 'the file that the token names does not exist', {
      site: { path: `${fsmSnap.path}/${name}` },
      stage: 'open',
      nodeErrors: ['ErrFSMSnapshotNotFound'],
      nodeText: 'fsm snapshot: file not found',
    });
  }
}

/**
 * The CRC in the last four bytes. @throws {FsmFault} stage `size` when the file is too short for one
 */
export function readFooter(source: ByteSource): number {
  if (source.size < FSM_FOOTER_BYTES) {
    throw new FsmFault(
      'fsm-too-small',
      `${source.size} B, at least ${FSM_FOOTER_BYTES} B are needed for the footer`,
      {
        site: { path: source.path },
        stage: 'size',
        nodeErrors: ['ErrFSMSnapshotTooSmall'],
        nodeText: `file too small: ${source.size} bytes (minimum 4): fsm snapshot: file too small to contain footer`,
      },
    );
  }
  return u32be(readRange(source, source.size - FSM_FOOTER_BYTES, FSM_FOOTER_BYTES), 0);
}

export function encodeFooter(crc: number): Uint8Array {
  const out = new Uint8Array(FSM_FOOTER_BYTES);
  putU32be(out, 0, crc);
  return out;
}
