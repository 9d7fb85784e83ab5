/**
 * What lies in a segment behind the place where reading stopped: nothing, zeros that were
 * preallocated, or bytes that no record accounts for. Everything is looked at; nothing of it is part
 * of the log.
 */
import type { Pace } from '../core/pace.js';
import type { ProtoDialect } from '../proto/dialect.js';
import type { WalSegment } from '../raft/wal/decoder.js';
import { isRecord, walkFrames } from '../raft/wal/frame-walk.js';
import { scanTail } from '../raft/wal/tail.js';

export interface WalRest {
  readonly offset: number;
  readonly bytes: number;
  /** All of it is zero. */
  readonly zeros: boolean;
  /** First byte that is not zero. */
  readonly nonZeroAt: number | undefined;
  /** Records whose CRC continues the chain of the walk, and their bytes. */
  readonly intact: number;
  readonly intactBytes: number;
  readonly damaged: number;
  /** Runs of zeros that are no part of a record. */
  readonly zeroBytes: number;
  /** Of the first intact record. */
  readonly intactOffset: number | undefined;
  readonly lowestIndex: bigint | undefined;
  readonly highestIndex: bigint | undefined;
}

/**
 * @param crc  running CRC at `offset`; undefined where it is not known
 */
export async function readRest(
  segment: WalSegment,
  offset: number,
  crc: number | undefined,
  dialect: ProtoDialect,
  pace: Pace,
): Promise<WalRest> {
  const { source } = segment;
  const rest = {
    offset,
    bytes: source.size - offset,
    zeros: true,
    nonZeroAt: undefined as number | undefined,
    intact: 0,
    intactBytes: 0,
    damaged: 0,
    zeroBytes: 0,
    intactOffset: undefined as number | undefined,
    lowestIndex: undefined as bigint | undefined,
    highestIndex: undefined as bigint | undefined,
  };
  rest.nonZeroAt = scanTail(source, offset)?.from;
  await pace.step(rest.bytes);
  if (rest.nonZeroAt === undefined) return { ...rest, zeroBytes: rest.bytes };
  rest.zeros = false;
  for (const frame of walkFrames(source, dialect, { offset, crc })) {
    const wait = pace.step(0);
    if (wait) await wait;
    if (frame.kind === 'zeros') rest.zeroBytes += frame.length;
    if (!isRecord(frame)) continue;
    if (frame.kind !== 'ok') rest.damaged++;
    else {
      rest.intact++;
      rest.intactBytes += frame.length;
      rest.intactOffset ??= frame.offset;
    }
    if (frame.entry === undefined) continue;
    const { index } = frame.entry;
    if (rest.lowestIndex === undefined || index < rest.lowestIndex) rest.lowestIndex = index;
    if (rest.highestIndex === undefined || index > rest.highestIndex) rest.highestIndex = index;
  }
  return rest;
}
