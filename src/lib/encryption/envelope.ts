/**
 * The envelope around stored values and log payloads (spec/encryption.md §3):
 *
 *     version 0x01 (1) | flag (1) | key id u32 BE (4) | nonce (12) | ciphertext | tag (16)
 *
 * At least 34 bytes, and that is checked first. Flag bit 0 is reserved for compression; writers
 * write 0, readers take the byte as it is.
 */
import { u32be } from '../bytes/read.js';
import { concatBytes, putU32be } from '../bytes/write.js';
import { NONCE_LENGTH, TAG_LENGTH, type AeadKey } from './aead.js';
import { Fault } from '../mvcc/fault.js';
import type { Keystore } from './keystore.js';

export const ENVELOPE_VERSION = 0x01;
const PREFIX_LENGTH = 6;
export const ENVELOPE_MIN_LENGTH = PREFIX_LENGTH + NONCE_LENGTH + TAG_LENGTH;

/** Borrowed views into the bytes decoded. */
export interface Envelope {
  readonly version: number;
  readonly flag: number;
  readonly keyId: number;
  readonly nonce: Uint8Array;
  /** Ciphertext and tag. */
  readonly box: Uint8Array;
}

/** `ErrEnvelopeShort` or `ErrEnvelopeVersion` when it is none. */
export function decodeEnvelope(bytes: Uint8Array): Envelope | Fault {
  if (bytes.length < ENVELOPE_MIN_LENGTH) {
    return new Fault(
      'envelope-short',
      ['ErrEnvelopeShort'],
      `an envelope of ${bytes.length} bytes, at least ${ENVELOPE_MIN_LENGTH} are needed`,
    );
  }
  const version = bytes[0] ?? 0;
  if (version !== ENVELOPE_VERSION) {
    return new Fault(
      'envelope-version',
      ['ErrEnvelopeVersion'],
      `envelope version ${version}, ${ENVELOPE_VERSION} is known`,
    );
  }
  return {
    version,
    flag: bytes[1] ?? 0,
    keyId: u32be(bytes, 2),
    nonce: bytes.subarray(PREFIX_LENGTH, PREFIX_LENGTH + NONCE_LENGTH),
    box: bytes.subarray(PREFIX_LENGTH + NONCE_LENGTH),
  };
}

/** The plaintext; `ErrReservedKeyID`, `ErrUnknownKeyID` or `ErrIntegrity` otherwise. */
export function openEnvelope(
  keys: Keystore,
  envelope: Envelope,
  aad: Uint8Array,
): Uint8Array | Fault {
  const { keyId } = envelope;
  if (keyId === 0) {
    return new Fault(
      'envelope-reserved-key-id',
      ['ErrReservedKeyID'],
      'an envelope under key id 0',
    );
  }
  const key = keys.get(keyId);
  if (key === undefined) {
    return new Fault(
      'envelope-unknown-key',
      ['ErrUnknownKeyID'],
      `an envelope under key ${keyId}, which is not loaded`,
    );
  }
  const plaintext = key.open(envelope.nonce, aad, envelope.box);
  if (plaintext !== undefined) return plaintext;
  return new Fault('envelope-tag', ['ErrIntegrity'], `the tag does not verify under key ${keyId}`);
}

/** Seals with flag 0, as every writer does. `aad` must name the same version, flag and key id. */
export function sealEnvelope(
  key: AeadKey,
  keyId: number,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const prefix = new Uint8Array(PREFIX_LENGTH);
  prefix[0] = ENVELOPE_VERSION;
  putU32be(prefix, 2, keyId);
  return concatBytes(prefix, nonce, key.seal(nonce, aad, plaintext));
}
