/**
 * `EKVMVCC2`, the streaming MVCC form of the in-memory store (spec/snapshot-files.md §5.3).
 *
 * ```
 * magic (8)  version u32 LE = 1  checksum u32 LE: CRC32-IEEE of the body
 * body: lastCommitTS u64 LE, minRetainedTS u64 LE, then until the end:
 *   keyLen u64 LE, userKey, versionCount u64 LE, then per version:
 *     ts u64 LE, tombstone u8 (0 = live), expireAt u64 LE, valueLen u64 LE, value
 * ```
 *
 * The body is read to its end before the checksum is looked at, so a stream cut at the border of a
 * key is a wrong checksum and one cut elsewhere an early end.
 */
import { crc32Ieee } from '../../checksum/crc32-ieee.js';
import { hex32 } from '../../bytes/hex.js';
import { FsmFault } from '../fsm-fault.js';
import { keepKey } from './kept-key.js';
import { RowTally } from './row-tally.js';
import { STORE_MAGIC_BYTES } from './store-magic.js';
import type { LengthLimit, StoreReader } from './store-reader.js';

export const MVCC_VERSION = 1;

export const USER_KEY_LIMIT: LengthLimit = {
  max: 1 << 20,
  code: 'fsm-key-too-large',
  nodeError: 'ErrSnapshotKeyTooLarge',
  text: 'snapshot key too large',
};
export const VERSION_COUNT_LIMIT: LengthLimit = {
  max: 1 << 20,
  code: 'fsm-versions-too-many',
  nodeError: 'ErrSnapshotVersionCountTooLarge',
  text: 'snapshot version count too large',
};
export const USER_VALUE_LIMIT: LengthLimit = {
  max: 256 << 20,
  code: 'fsm-value-too-large',
  nodeError: 'ErrValueTooLarge',
  text: 'value too large',
};

/** Bytes of a version in front of its valueLen, and with it. */
export const VERSION_HEAD_BYTES = 17;
export const VERSION_FIXED_BYTES = 25;

/** Hears of every version in stream order: where its `ts` field is. `userKey` is borrowed. */
export type VersionSink = (versionOffset: number, userKey: Uint8Array, ts: bigint) => void;

export interface MvccStreamWalk {
  readonly lastCommitTs: bigint;
  readonly minRetainedTs: bigint;
  readonly tally: RowTally;
}

/**
 * Reads the stream from its magic to the end of the window.
 * @throws {FsmFault} stage `payload`, what a restore reports
 */
export async function walkMvccStream(
  reader: StoreReader,
  sink?: VersionSink,
): Promise<MvccStreamWalk> {
  const window = reader.window;
  reader.need(STORE_MAGIC_BYTES, 'magic');
  window.pos += STORE_MAGIC_BYTES;
  const versionSite = reader.site();
  const version = reader.u32le('version');
  if (version !== MVCC_VERSION) {
    throw new FsmFault('fsm-mvcc-version', `EKVMVCC2 version ${version}, only 1 is accepted`, {
      site: versionSite,
      stage: 'payload',
      nodeText: `unsupported mvcc snapshot version ${version}`,
    });
  }
  const checksumSite = reader.site();
  const stored = reader.u32le('checksum');
  let computed = 0;
  const untap = window.tap((chunk) => {
    computed = crc32Ieee(chunk, computed);
  });
  const walk = await walkBody(reader, sink).finally(untap);
  if (computed !== stored) {
    throw new FsmFault(
      'fsm-mvcc-checksum',
      `EKVMVCC2 checksum ${hex32(stored)}, the body's is ${hex32(computed)}`,
      {
        site: checksumSite,
        stage: 'payload',
        nodeErrors: ['ErrInvalidChecksum'],
        nodeText: 'invalid checksum',
      },
    );
  }
  return walk;
}

async function walkBody(reader: StoreReader, sink?: VersionSink): Promise<MvccStreamWalk> {
  const window = reader.window;
  const lastCommitTs = reader.u64le('lastCommitTS');
  const minRetainedTs = reader.u64le('minRetainedTS');
  const tally = new RowTally();
  while (window.left > 0) {
    const keyLength = reader.length('keyLen', USER_KEY_LIMIT);
    reader.need(keyLength, 'userKey');
    const userKey = keepKey(undefined, window.bytes, window.pos, keyLength).view;
    window.pos += keyLength;
    const count = reader.length('versionCount', VERSION_COUNT_LIMIT);
    await walkVersions(reader, userKey, count, tally, sink);
  }
  return { lastCommitTs, minRetainedTs, tally };
}

async function walkVersions(
  reader: StoreReader,
  userKey: Uint8Array,
  count: number,
  tally: RowTally,
  sink: VersionSink | undefined,
): Promise<void> {
  const window = reader.window;
  let newestTs = -1n;
  let newestLives = false;
  for (let i = 0; i < count; i++) {
    if (reader.due) await reader.breathe();
    const offset = window.offset;
    const ts = reader.u64le('ts');
    reader.need(1, 'tombstone');
    const tombstone = window.bytes[window.pos++] !== 0;
    reader.u64le('expireAt');
    const valueLength = reader.length('valueLen', USER_VALUE_LIMIT);
    await reader.skip(valueLength, 'value');
    tally.addVersion(userKey, i === 0, tombstone, ts, valueLength);
    sink?.(offset, userKey, ts);
    if (ts > newestTs) {
      newestTs = ts;
      newestLives = !tombstone;
    }
  }
  if (newestLives) tally.addLiveKey(userKey);
}

/** The value of a version as `fsm.db` holds it: flags, expireAt, body; written clear. */
export function rawValueOf(version: Uint8Array): Uint8Array {
  const out = new Uint8Array(version.length - VERSION_FIXED_BYTES + 9);
  out[0] = version[8] === 0 ? 0 : 1;
  out.set(version.subarray(9, VERSION_HEAD_BYTES), 1);
  out.set(version.subarray(VERSION_FIXED_BYTES), 9);
  return out;
}
