/**
 * The payload of the dedicated timestamp-oracle state machine, which no build runs yet: the ceiling
 * in ms, u64 BE, at most 2^48-1, and nothing else (spec/snapshot-files.md §1). Known by its length
 * alone: no kv payload of 8 bytes can be restored.
 */
import { u64be } from '../../bytes/read.js';
import { putU64be } from '../../bytes/write.js';
import { assert } from '../../core/errors.js';
import type { Site } from '../../core/site.js';
import { FsmFault } from '../fsm-fault.js';

export const ORACLE_BYTES = 8;
export const ORACLE_CEILING_MAX = (1n << 48n) - 1n;

/** @throws {FsmFault} another length, or a ceiling above 2^48-1 */
export function decodeOraclePayload(bytes: Uint8Array, site: Site): bigint {
  if (bytes.length !== ORACLE_BYTES) {
    throw new FsmFault(
      'fsm-payload-cut',
      `oracle payload of ${bytes.length} B, must be ${ORACLE_BYTES} B`,
      { site, stage: 'payload' },
    );
  }
  const ceilingMs = u64be(bytes, 0);
  if (ceilingMs <= ORACLE_CEILING_MAX) return ceilingMs;
  throw new FsmFault(
    'fsm-oracle-ceiling',
    `oracle ceiling ${ceilingMs} ms, at most ${ORACLE_CEILING_MAX} ms`,
    { site, stage: 'payload' },
  );
}

export function encodeOraclePayload(ceilingMs: bigint): Uint8Array {
  assert(ceilingMs >= 0n && ceilingMs <= ORACLE_CEILING_MAX, 'an oracle ceiling has 48 bits');
  const out = new Uint8Array(ORACLE_BYTES);
  putU64be(out, 0, ceilingMs);
  return out;
}
