/**
 * The payload of a log entry, by its first byte (spec/fsm-apply.md §2):
 *
 *   00 single request      04 encryption bootstrap
 *   01 batch of requests   05 rotation, envelope switches
 *   02 HLC lease           06, 07 reserved for encryption
 *   03 writer registration anything else: legacy, the whole payload is protobuf
 */

export const PAYLOAD_TAGS = [
  'single',
  'batch',
  'lease',
  'registration',
  'bootstrap',
  'rotation',
  'reserved',
  'legacy',
  'empty',
] as const;
/** The words of spec/output.md §4. */
export type PayloadTag = (typeof PAYLOAD_TAGS)[number];

const BY_FIRST_BYTE: readonly PayloadTag[] = [
  'single',
  'batch',
  'lease',
  'registration',
  'bootstrap',
  'rotation',
  'reserved',
  'reserved',
];

export function tagOf(payload: Uint8Array): PayloadTag {
  const first = payload[0];
  return first === undefined ? 'empty' : (BY_FIRST_BYTE[first] ?? 'legacy');
}

/** First byte of a payload whose effect lives in memory only. */
export const VOLATILE_TAG = 0x02;

/** Whether the effect lives in memory only (spec/cold-start.md §5): an HLC lease, sound or not. */
export function isVolatile(payload: Uint8Array): boolean {
  return payload[0] === VOLATILE_TAG;
}
