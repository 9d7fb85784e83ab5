/** `extract-payload` and `wrap-payload`: header and footer off, and on again. */
import { UsageError } from '../core/errors.js';
import type { Pace } from '../core/pace.js';
import { filePiece, type Piece } from '../io/atomic-content.js';
import { checkSource as checkPath } from '../io/atomic-target.js';
import { stampFile } from '../io/atomic-walk.js';
import type { SnapshotHeader } from '../snapshot/header.js';
import type { WritePlan } from './carry-out.js';
import { checkSource, rewriteFsm, type SoundFsm } from './fsm-rewrite.js';
import type { WrittenHeader } from './header-change.js';

export interface PayloadPlan extends WritePlan {
  readonly from: SoundFsm;
  /** In front of the result's store payload. */
  readonly header: WrittenHeader;
  /** Of the result; undefined for a bare payload. */
  readonly crc: number | undefined;
  readonly size: number;
}

/** @param keepHeader  only the footer goes */
export async function planExtract(
  path: string,
  keepHeader: boolean,
  pace: Pace,
): Promise<PayloadPlan> {
  checkPath(path);
  const stamp = stampFile(path);
  const from = await checkSource(path, undefined, pace);
  const offset = keepHeader ? 0 : from.header.length;
  const size = from.payloadBytes - offset;
  const header = keepHeader ? from.header : NO_HEADER;
  const pieces = [filePiece(path, offset, size)];
  return { ...planOf(stamp, pieces), from, header, crc: undefined, size };
}

export const NO_HEADER: SnapshotHeader = {
  form: 'legacy',
  ceilingMs: 0n,
  cutover: 0n,
  extension: new Uint8Array(0),
  length: 0,
};

/**
 * @param header  undefined: the payload keeps the one it has, or none
 * @throws {UsageError} `upgrade-nothing` where a header is asked for and there is one
 */
export async function planWrap(
  path: string,
  header: WrittenHeader | undefined,
  pace: Pace,
): Promise<PayloadPlan> {
  checkPath(path);
  const stamp = stampFile(path);
  const from = await checkSource(path, undefined, pace, false);
  if (header !== undefined && from.header.form !== 'legacy') {
    const text =
      `the payload begins with a ${from.header.form} header; ` +
      'wrap it with --header keep, and change the header with ekv upgrade-header';
    throw new UsageError('upgrade-nothing', text);
  }
  const to = rewriteFsm(from, header ?? from.header);
  return { ...planOf(stamp, to.pieces), from, header: to.header, crc: to.crc, size: to.size };
}

function planOf(stamp: ReturnType<typeof stampFile>, pieces: readonly Piece[]): WritePlan {
  return {
    inputs: [stamp],
    sources: [],
    stamps: [stamp],
    dirs: [],
    files: [{ path: 'payload', mode: 0o600, content: { kind: 'pieces', pieces } }],
  };
}
