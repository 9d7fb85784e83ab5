/**
 * The envelope around a log payload (spec/encryption.md §4): that of `envelope.ts`, its AAD being
 * `R`, version, key id, so that a storage envelope cannot be passed off as one. Used for entries
 * with index > cutover. Every failure halts the node.
 */
import { raftAad } from './aad.js';
import type { AeadKey } from './aead.js';
import { decodeEnvelope, ENVELOPE_VERSION, openEnvelope, sealEnvelope } from './envelope.js';
import { Fault } from '../mvcc/fault.js';
import type { Keystore } from './keystore.js';

/** `ErrRaftUnwrapFailed` and, where it has one, the cause's own name. */
export function unwrapRaftPayload(
  keys: Keystore | undefined,
  bytes: Uint8Array,
): Uint8Array | Fault {
  const opened = open(keys, bytes);
  if (!(opened instanceof Fault)) return opened;
  return new Fault('raft-unwrap-failed', ['ErrRaftUnwrapFailed', ...opened.names], opened.text);
}

function open(keys: Keystore | undefined, bytes: Uint8Array): Uint8Array | Fault {
  if (keys === undefined) {
    return new Fault('raft-unwrap-failed', [], 'a wrapped entry and no cipher');
  }
  const envelope = decodeEnvelope(bytes);
  if (envelope instanceof Fault) return envelope;
  return openEnvelope(keys, envelope, raftAad(envelope.version, envelope.keyId));
}

export function wrapRaftPayload(
  key: AeadKey,
  keyId: number,
  nonce: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  return sealEnvelope(key, keyId, nonce, raftAad(ENVELOPE_VERSION, keyId), payload);
}
