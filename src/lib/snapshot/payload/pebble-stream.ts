/**
 * `EKVPBBL1`, the native Pebble stream (spec/snapshot-files.md §5.1).
 *
 * ```
 * magic (8)  lastCommitTS u64 LE  then until the end:
 *   keyLen u64 LE, key, valueLen u64 LE, value
 * ```
 *
 * The stream may end only where a keyLen would start. The pairs are raw pairs of `fsm.db`; a node
 * writes them in key order, and reads them in any: it sets them one after another.
 */
import { compareBytes } from '../../bytes/byte-string.js';
import { equalUserKeys, keepKey, type KeptKey } from './kept-key.js';
import { RowTally } from './row-tally.js';
import { STORE_MAGIC_BYTES } from './store-magic.js';
import type { LengthLimit, StoreReader } from './store-reader.js';

export const KEY_LIMIT: LengthLimit = {
  max: (1 << 20) + 8,
  code: 'fsm-key-too-large',
  nodeError: 'ErrSnapshotKeyTooLarge',
  text: 'snapshot key too large',
};

/** The value limit of a user, the value header and the envelope around it. */
export const VALUE_LIMIT: LengthLimit = {
  max: (256 << 20) + 9 + 34,
  code: 'fsm-value-too-large',
  nodeError: 'ErrValueTooLarge',
  text: 'value too large',
};

/** Bytes of a value that the tally and the metadata need. */
const HEAD_BYTES = 9;

/** Hears of every pair in stream order. `key` is borrowed for the call. */
export type PairSink = (pairOffset: number, key: Uint8Array) => void;

export interface PebbleStreamWalk {
  /** Of the stream's head; overwrites the pair of that meaning. */
  readonly lastCommitTs: bigint;
  readonly tally: RowTally;
  /** Absolute offset of the first pair. */
  readonly pairsOffset: number;
  /** Offset of the first pair whose key is not above the one before; undefined in ordered streams. */
  readonly unorderedOffset: number | undefined;
}

/**
 * Reads the stream from its magic to the end of the window.
 * @throws {FsmFault} stage `payload`, what a restore reports
 */
export async function walkPebbleStream(
  reader: StoreReader,
  sink?: PairSink,
): Promise<PebbleStreamWalk> {
  const window = reader.window;
  reader.need(STORE_MAGIC_BYTES, 'magic');
  window.pos += STORE_MAGIC_BYTES;
  const lastCommitTs = reader.u64le('lastCommitTS');
  const pairsOffset = window.offset;
  const tally = new RowTally();
  let unorderedOffset: number | undefined;
  let previous: KeptKey | undefined;
  let spare: KeptKey | undefined;
  while (window.left > 0) {
    if (reader.due) await reader.breathe();
    const pairOffset = window.offset;
    const keyLength = reader.length('keyLen', KEY_LIMIT);
    reader.need(keyLength, 'key');
    const key = keepKey(spare, window.bytes, window.pos, keyLength);
    window.pos += keyLength;
    const valueLength = reader.length('valueLen', VALUE_LIMIT);
    if (valueLength > window.left) throw reader.eof('value', valueLength);
    window.ensure(Math.min(valueLength, HEAD_BYTES));
    const order = previous === undefined ? -1 : compareBytes(previous.view, key.view);
    if (order >= 0) unorderedOffset ??= pairOffset;
    const same = previous !== undefined && equalUserKeys(previous.view, key.view);
    tally.add(key.view, keyLength, same, window.bytes, window.pos, valueLength);
    sink?.(pairOffset, key.view);
    if (!window.skipBuffered(valueLength)) await reader.skip(valueLength, 'value');
    spare = previous;
    previous = key;
  }
  return { lastCommitTs, tally, pairsOffset, unorderedOffset };
}
