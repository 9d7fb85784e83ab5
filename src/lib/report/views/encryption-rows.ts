/** One envelope as a line for people and as a record for scripts. */
import type { EnvelopeRecord } from '../../encryption-check/listing.js';
import { hex } from '../../bytes/hex.js';
import { quoteKey } from '../quote.js';
import type { Theme } from '../theme.js';

const SHOWN_KEY_BYTES = 80;

/** `fsm.db  key 1 node 54464 epoch 0 write 17  64 B  verified  "user" @117652145077092691`. */
export function envelopeLine(record: EnvelopeRecord, theme: Theme): string {
  const { place, keyId, nodeId16, localEpoch, writeCount, length } = record;
  const writer =
    keyId === null
      ? 'no envelope'
      : `key ${keyId} node ${nodeId16 ?? 0} epoch ${localEpoch ?? 0} write ${writeCount ?? 0n}`;
  const parts = [place, writer, `${length} B`, stateText(record, theme), whatText(record)];
  if (record.clear !== null) parts.push(`= ${quoteKey(record.clear)}`);
  return parts.join('  ');
}

function stateText({ verified, error }: EnvelopeRecord, theme: Theme): string {
  if (error !== null) return theme.bad(error);
  if (verified === null) return 'not checked';
  return theme.good('verified');
}

function whatText({ key, ts, index, term, standing }: EnvelopeRecord): string {
  if (index !== null) return `entry ${index} (term ${term ?? 0n}, ${standing ?? ''})`;
  return `${quoteKey(key ?? new Uint8Array(0), SHOWN_KEY_BYTES)} @${ts ?? 0n}`;
}

export function envelopeRecord(record: EnvelopeRecord): object {
  const { key, index, clear } = record;
  return {
    type: index === null ? 'row' : 'entry',
    place: record.place,
    keyHex: key === null ? undefined : hex(key),
    ts: record.ts ?? undefined,
    index: index ?? undefined,
    term: record.term ?? undefined,
    standing: record.standing ?? undefined,
    keyId: record.keyId,
    nodeId16: record.nodeId16,
    localEpoch: record.localEpoch,
    writeCount: record.writeCount,
    length: record.length,
    verified: record.verified,
    error: record.error,
    [index === null ? 'valueHex' : 'payloadHex']: clear === null ? undefined : hex(clear),
  };
}
