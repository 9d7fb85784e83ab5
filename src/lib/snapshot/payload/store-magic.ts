/**
 * The first 8 bytes behind the snapshot header say what the store payload is
 * (spec/snapshot-files.md §5).
 */
import { hex } from '../../bytes/hex.js';
import type { Site } from '../../core/site.js';
import { FsmFault } from '../fsm-fault.js';

export const STORE_MAGIC_BYTES = 8;

export const STORE_MAGIC = {
  'pebble-stream': 'EKVPBBL1',
  'sst-bundle': 'EKVSSTI1',
  'mvcc-stream': 'EKVMVCC2',
} as const;

export type StorePayloadKind = keyof typeof STORE_MAGIC | 'empty';

const KIND_OF_MAGIC = new Map<string, StorePayloadKind>(
  (Object.keys(STORE_MAGIC) as (keyof typeof STORE_MAGIC)[]).map((kind) => [
    STORE_MAGIC[kind],
    kind,
  ]),
);

/**
 * @param bytes  the first 8 bytes of the store payload, or all of it when it is shorter
 * @throws {FsmFault} stage `payload`: partial magic, unknown magic
 */
export function sniffStorePayload(bytes: Uint8Array, site: Site): StorePayloadKind {
  if (bytes.length === 0) return 'empty';
  if (bytes.length < STORE_MAGIC_BYTES) {
    throw new FsmFault(
      'fsm-payload-partial-magic',
      `store payload of ${bytes.length} B (${hex(bytes)}), its magic needs ${STORE_MAGIC_BYTES} B`,
      { site, stage: 'payload', nodeText: 'truncated snapshot: partial magic header' },
    );
  }
  const magic = Buffer.from(bytes.subarray(0, STORE_MAGIC_BYTES));
  const kind = KIND_OF_MAGIC.get(magic.toString('latin1'));
  if (kind !== undefined) return kind;
  throw new FsmFault(
    'fsm-payload-unknown-magic',
    `store payload starts with ${shown(magic)}, none of ${Object.values(STORE_MAGIC).join(', ')}`,
    { site, stage: 'payload', nodeText: 'unrecognized snapshot format: unknown magic header' },
  );
}

/** A magic is text. Bytes that are none are not repeated: they may be of a key file. */
function shown(magic: Buffer): string {
  return JSON.stringify(magic.toString('latin1').replace(/[^\x20-\x7e]/g, '.'));
}
