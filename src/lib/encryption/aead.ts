/**
 * AES-256-GCM with 32-byte keys, 12-byte nonces and 16-byte tags appended to the ciphertext
 * (spec/encryption.md). Two implementations of one interface: `node:crypto` for the work, and the
 * independently written `@noble/ciphers` as the reference that tests hold against it.
 *
 * Both refuse other nonce and tag lengths here, because the libraries themselves would accept some
 * (reference/dependencies.md §2).
 */
import { gcm } from '@noble/ciphers/aes.js';
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { concatBytes } from '../bytes/write.js';
import { assert } from '../core/errors.js';
import { Secret } from './secret.js';

export const KEY_LENGTH = 32;
export const NONCE_LENGTH = 12;
export const TAG_LENGTH = 16;

/** A key made ready for use. */
export interface AeadKey {
  /** @returns ciphertext and tag */
  seal(nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** @returns the plaintext, or undefined when the tag does not verify or `box` is shorter than one */
  open(nonce: Uint8Array, aad: Uint8Array, box: Uint8Array): Uint8Array | undefined;
}

export interface Aead {
  readonly name: string;
  key(secret: Secret): AeadKey;
}

class NodeAeadKey implements AeadKey {
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  seal(nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    assertNonce(nonce);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_LENGTH });
    cipher.setAAD(aad);
    return concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
  }

  open(nonce: Uint8Array, aad: Uint8Array, box: Uint8Array): Uint8Array | undefined {
    assertNonce(nonce);
    if (box.length < TAG_LENGTH) return undefined;
    const end = box.length - TAG_LENGTH;
    const cipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_LENGTH });
    cipher.setAAD(aad);
    cipher.setAuthTag(box.subarray(end));
    // OpenSSL hands out plaintext before the tag is checked: it is not looked at, and is wiped on
    // failure, until `final` has passed.
    const plaintext = cipher.update(box.subarray(0, end));
    try {
      cipher.final();
    } catch {
      plaintext.fill(0);
      return undefined;
    }
    return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length);
  }
}

class NobleAeadKey implements AeadKey {
  readonly #secret: Secret;

  constructor(secret: Secret) {
    this.#secret = secret;
  }

  seal(nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    assertNonce(nonce);
    return this.#secret.use((key) => gcm(key, nonce, aad).encrypt(plaintext));
  }

  open(nonce: Uint8Array, aad: Uint8Array, box: Uint8Array): Uint8Array | undefined {
    assertNonce(nonce);
    if (box.length < TAG_LENGTH) return undefined;
    return this.#secret.use((key) => {
      try {
        return gcm(key, nonce, aad).decrypt(box);
      } catch {
        return undefined;
      }
    });
  }
}

export const NODE_AEAD: Aead = {
  name: 'node:crypto',
  key: (secret) => new NodeAeadKey(checked(secret).use((key) => createSecretKey(key))),
};

export const NOBLE_AEAD: Aead = {
  name: '@noble/ciphers',
  // A copy of its own, as OpenSSL makes one: wiping the secret does not reach keys in use.
  key: (secret) => new NobleAeadKey(checked(secret).use((key) => Secret.copyOf(key))),
};

function checked(secret: Secret): Secret {
  assert(secret.length === KEY_LENGTH, 'an AES-256 key has 32 bytes');
  return secret;
}

function assertNonce(nonce: Uint8Array): void {
  assert(nonce.length === NONCE_LENGTH, 'a GCM nonce has 12 bytes');
}
