/**
 * A key in memory that does not leave through a log. Printing, inspecting, serialising and coercing
 * give `[secret]`; the bytes are handed out only to a function, for the length of its call.
 */
import { timingSafeEqual } from 'node:crypto';
import { copyOf } from '../bytes/copy.js';
import { assert } from '../core/errors.js';

const SHOWN = '[secret]';

export class Secret {
  // A hard private field: `inspect` with `showHidden` does not reach it either.
  #bytes: Uint8Array | undefined;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Keeps a copy; the caller wipes its own. */
  static copyOf(bytes: Uint8Array): Secret {
    return new Secret(copyOf(bytes));
  }

  /** Keeps a copy and overwrites the original with zeroes. */
  static take(bytes: Uint8Array): Secret {
    const secret = Secret.copyOf(bytes);
    bytes.fill(0);
    return secret;
  }

  get length(): number {
    return this.#bytes?.length ?? 0;
  }

  get wiped(): boolean {
    return this.#bytes === undefined;
  }

  /** Lends the bytes to `work`, which must neither keep nor return them. */
  use<T>(work: (bytes: Uint8Array) => T): T {
    assert(this.#bytes !== undefined, 'a wiped secret is not used');
    return work(this.#bytes);
  }

  equals(other: Secret): boolean {
    return this.use((a) => other.use((b) => a.length === b.length && timingSafeEqual(a, b)));
  }

  /** Overwrites the bytes. Idempotent. */
  wipe(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [Symbol.toPrimitive](): string {
    return SHOWN;
  }

  /** What `util.inspect` and `console.log` show. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN;
  }
}
