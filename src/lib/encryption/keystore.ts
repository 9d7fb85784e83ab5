/** The data keys that a process has loaded, by id (spec/encryption.md §5: bootstrap, rotation). */
import { NODE_AEAD, type Aead, type AeadKey } from './aead.js';
import { Fault } from '../mvcc/fault.js';
import type { Secret } from './secret.js';

interface Loaded {
  readonly secret: Secret;
  readonly key: AeadKey;
}

export class Keystore {
  private readonly aead: Aead;
  private readonly keys = new Map<number, Loaded>();

  constructor(aead: Aead = NODE_AEAD) {
    this.aead = aead;
  }

  /** Loading the same key again is fine; `ErrReservedKeyID` for id 0, `ErrKeyConflict` for another. */
  load(id: number, secret: Secret): Fault | undefined {
    const refused = this.refusal(id, secret);
    if (refused) return refused;
    if (!this.keys.has(id)) this.keys.set(id, { secret, key: this.aead.key(secret) });
    return undefined;
  }

  private refusal(id: number, secret: Secret): Fault | undefined {
    if (id === 0) {
      return new Fault('envelope-reserved-key-id', ['ErrReservedKeyID'], 'key id 0');
    }
    const known = this.keys.get(id);
    if (known === undefined || known.secret.equals(secret)) return undefined;
    return new Fault(
      'key-conflict',
      ['ErrKeyConflict'],
      `key ${id} is already loaded with other bytes`,
    );
  }

  get(id: number): AeadKey | undefined {
    return this.keys.get(id)?.key;
  }

  /** Ascending. */
  ids(): readonly number[] {
    return [...this.keys.keys()].sort((a, b) => a - b);
  }

  /** Another store with the same keys; loading into one does not change the other. */
  clone(): Keystore {
    const copy = new Keystore(this.aead);
    for (const [id, loaded] of this.keys) copy.keys.set(id, loaded);
    return copy;
  }

  /** Forgets every key and overwrites the secrets, which clones share. */
  wipe(): void {
    for (const { secret } of this.keys.values()) secret.wipe();
    this.keys.clear();
  }
}
