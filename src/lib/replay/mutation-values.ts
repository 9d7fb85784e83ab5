/** The mutations of an entry with their values, for those who ask for them. */
import { fromByteString } from '../bytes/byte-string.js';
import { hex } from '../bytes/hex.js';
import { requestsOf } from '../fsm/entry-requests.js';
import { tagOf } from '../fsm/payload.js';

const OP_WORDS: readonly string[] = ['put', 'del', 'del-prefix'];

export interface ShownMutation {
  /** Position of its request in the entry. */
  readonly request: number;
  /** `put`, `del`, `del-prefix`, or the number. */
  readonly op: string;
  readonly keyHex: string;
  readonly valueLength: number;
  /** Its beginning, as far as was asked for. */
  readonly valueHex: string;
}

/** @param payload  in clear. @param maxBytes  of each value */
export function mutationsOf(payload: Uint8Array, maxBytes: number): ShownMutation[] {
  const shown: ShownMutation[] = [];
  for (const [request, { mutations }] of (requestsOf(tagOf(payload), payload) ?? []).entries()) {
    for (const { op, key, value } of mutations) {
      shown.push({
        request,
        op: OP_WORDS[op] ?? String(op),
        keyHex: hex(fromByteString(key)),
        valueLength: value.length,
        valueHex: hex(value.subarray(0, maxBytes)),
      });
    }
  }
  return shown;
}
