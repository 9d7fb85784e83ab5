/**
 * The storage cipher of a node (spec/encryption.md §3): opens encrypted rows, recognises relabelled
 * ones, and seals puts with the node's next nonce while the storage envelope is on.
 *
 *     stored value = flags (1: state 1) | expireAt u64 LE (8) | envelope
 */
import { fromByteString, type ByteString } from '../bytes/byte-string.js';
import { concatBytes } from '../bytes/write.js';
import { assert } from '../core/errors.js';
import { Fault } from '../mvcc/fault.js';
import type { ValueCipher } from '../mvcc/value-cipher.js';
import { storageAad, VALUE_HEADER_LENGTH } from './aad.js';
import {
  decodeEnvelope,
  ENVELOPE_MIN_LENGTH,
  ENVELOPE_VERSION,
  openEnvelope,
  sealEnvelope,
} from './envelope.js';
import type { Keystore } from './keystore.js';
import { encodeNonce } from './nonce.js';

const STATE_ENCRYPTED = 0x02;
const NONCE_POS = 6;
const BOX_POS = 18;

/** Decides per put whether and under which key: the applier, which follows the switches. */
export interface PutSwitch {
  /** The active storage DEK while puts are encrypted, null while they are stored clear. */
  readonly putKeyId: number | null;
}

export interface NonceOwner {
  readonly nodeId16: number;
  /** The active storage key's epoch after this boot's bump; 0 when the boot did not bump it. */
  readonly localEpoch: number;
}

export class StorageCipher implements ValueCipher {
  private readonly keys: Keystore;
  private readonly puts: PutSwitch;
  private readonly owner: NonceOwner;
  private count = 0n;

  constructor(keys: Keystore, puts: PutSwitch, owner: NonceOwner) {
    this.keys = keys;
    this.puts = puts;
    this.owner = owner;
  }

  /** Nonces taken so far in this process life. */
  get writeCount(): bigint {
    return this.count;
  }

  openValue(rawKey: ByteString, stored: Uint8Array): Uint8Array | Fault {
    return openStoredValue(this.keys, fromByteString(rawKey), stored);
  }

  isRelabelled(rawKey: ByteString, stored: Uint8Array): boolean {
    return relabelledUnder(this.keys, fromByteString(rawKey), stored) !== undefined;
  }

  sealValue(rawKey: ByteString, body: Uint8Array): Uint8Array | Fault | null {
    const keyId = this.puts.putKeyId;
    if (keyId === null) return null;
    const key = this.keys.get(keyId);
    if (key === undefined) {
      const text = `the active storage key ${keyId} is not loaded`;
      return new Fault('envelope-unknown-key', ['ErrUnknownKeyID'], text);
    }
    this.count++;
    const nonce = encodeNonce({ ...this.owner, count: this.count });
    const header = new Uint8Array(VALUE_HEADER_LENGTH);
    header[0] = STATE_ENCRYPTED;
    const aad = storageAad(ENVELOPE_VERSION, 0, keyId, header, fromByteString(rawKey));
    return concatBytes(header, sealEnvelope(key, keyId, nonce, aad, body));
  }
}

/**
 * The clear body of a row with encryption state 1. The header goes into the AAD as it is on disk.
 *
 * @param stored header and envelope; borrowed
 */
export function openStoredValue(
  keys: Keystore,
  rawKey: Uint8Array,
  stored: Uint8Array,
): Uint8Array | Fault {
  assert(stored.length >= VALUE_HEADER_LENGTH, 'a stored value has its header');
  const envelope = decodeEnvelope(stored.subarray(VALUE_HEADER_LENGTH));
  if (envelope instanceof Fault) return envelope;
  const { version, flag, keyId } = envelope;
  const opened = openEnvelope(keys, envelope, storageAad(version, flag, keyId, stored, rawKey));
  if (!(opened instanceof Fault) || opened.code !== 'envelope-tag') return opened;
  // The store puts its own name in the place of the cipher's ErrIntegrity.
  return new Fault('envelope-tag', ['ErrEncryptedReadIntegrity'], opened.text);
}

/**
 * The key under which a row marked clear verifies as an envelope of this row, if any: the body's own
 * version, flag and key id are not believed. Tried with the expiry as stored and with none.
 */
export function relabelledUnder(
  keys: Keystore,
  rawKey: Uint8Array,
  stored: Uint8Array,
): number | undefined {
  const body = stored.subarray(VALUE_HEADER_LENGTH);
  if (body.length < ENVELOPE_MIN_LENGTH) return undefined;
  const asStored = new Uint8Array(VALUE_HEADER_LENGTH);
  asStored.set(stored.subarray(0, VALUE_HEADER_LENGTH));
  asStored[0] = STATE_ENCRYPTED;
  const headers = [asStored];
  if (asStored.subarray(1).some((byte) => byte !== 0)) {
    const unexpiring = new Uint8Array(VALUE_HEADER_LENGTH);
    unexpiring[0] = STATE_ENCRYPTED;
    headers.push(unexpiring);
  }
  const nonce = body.subarray(NONCE_POS, BOX_POS);
  const box = body.subarray(BOX_POS);
  for (const keyId of keys.ids()) {
    const key = keys.get(keyId);
    for (const header of headers) {
      const aad = storageAad(ENVELOPE_VERSION, 0, keyId, header, rawKey);
      const clear = key?.open(nonce, aad, box);
      if (clear === undefined) continue;
      clear.fill(0);
      return keyId;
    }
  }
  return undefined;
}
