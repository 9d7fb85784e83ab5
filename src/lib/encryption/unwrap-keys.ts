/**
 * Loading the sidecar's keys with the KEK (spec/encryption.md §6, guard 3): lowest id first, and the
 * first that does not unwrap decides. Entries without a wrapped key are skipped.
 */
import { Fault } from '../mvcc/fault.js';
import type { Aead } from './aead.js';
import type { Kek } from './kek.js';
import { Keystore } from './keystore.js';
import type { Sidecar } from './sidecar.js';

/** All keys, or `ErrKEKMismatch` for the lowest id that fails. */
export function unwrapKeys(sidecar: Sidecar, kek: Kek, aead?: Aead): Keystore | Fault {
  const keys = new Keystore(aead);
  for (const key of [...sidecar.keys.values()].sort((a, b) => a.id - b.id)) {
    if (key.wrapped.length === 0) continue;
    const dek = kek.unwrap(key.wrapped);
    if (dek instanceof Fault) {
      const message = `key ${key.id} (${key.purpose}) does not unwrap: ${dek.text}`;
      return new Fault('kek-mismatch', ['ErrKEKMismatch'], message);
    }
    const refused = keys.load(key.id, dek);
    if (refused) return refused;
  }
  return keys;
}
