/**
 * Where the bytes of a store are: user keys by their first `depth` parts, parts ending in `|`, `:` or
 * `/`. Metadata and the writer registry stand apart; a raw key shorter than a timestamp is counted
 * under its own name.
 */
import { toByteString, fromByteString } from '../bytes/byte-string.js';
import { isMetaKey, isRegistryKey } from '../mvcc/meta-keys.js';
import { SUFFIX_BYTES } from '../mvcc/version-key.js';

/** Bytes of raw keys and stored values. */
export interface PrefixSize {
  readonly prefix: Uint8Array;
  /** What a word in place of a prefix stands for; null for an ordinary prefix. */
  readonly special: 'no separator' | 'store metadata' | 'writer registry' | 'other prefixes' | null;
  userKeys: number;
  versions: number;
  bytes: number;
  /** Newest versions that are no tombstone. */
  liveBytes: number;
  tombstoneBytes: number;
  /** Behind a newer version of the same key: what retention may remove. */
  oldBytes: number;
  encryptedBytes: number;
}

const BAR = 0x7c;
const COLON = 0x3a;
const SLASH = 0x2f;
const FLAG_TOMBSTONE = 1;
const STATE_MASK = 6;
const STATE_ENCRYPTED = 2;
/** Prefixes told apart; what comes later is counted together. */
const MAX_PREFIXES = 1 << 16;
const META_START = 0x5f;
const REGISTRY_BYTES = 27;

export class PrefixSizes {
  private readonly depth: number;
  private readonly sizes = new Map<string, PrefixSize>();
  private lastKey: Uint8Array = new Uint8Array(0);
  private last: PrefixSize | undefined;
  private lastLength = 0;
  /** Of the prefix measured last. */
  private parts = 0;
  /** User key of the pair before, in a buffer that is used again. */
  private lastUserKey: Uint8Array = new Uint8Array(256);
  private lastUserLength = -1;

  /** @param depth  parts of a key that make its prefix, at least 1 */
  constructor(depth: number) {
    this.depth = depth;
  }

  /** The next pair in key order; both are borrowed for the call. */
  add(raw: Uint8Array, value: Uint8Array): void {
    const size = this.sizeOf(raw);
    const bytes = raw.length + value.length;
    size.bytes += bytes;
    size.versions++;
    if (size.special === 'store metadata' || size.special === 'writer registry') {
      size.userKeys++;
      size.liveBytes += bytes;
      return;
    }
    const isOlder = this.follows(raw);
    const flags = value[0] ?? 0;
    if (!isOlder) size.userKeys++;
    if (isOlder) size.oldBytes += bytes;
    else if ((flags & FLAG_TOMBSTONE) !== 0) size.tombstoneBytes += bytes;
    else size.liveBytes += bytes;
    if ((flags & STATE_MASK) === STATE_ENCRYPTED) size.encryptedBytes += bytes;
  }

  /** Largest first; equal ones in key order. */
  list(): PrefixSize[] {
    return [...this.sizes.entries()]
      .sort(([a, x], [b, y]) => y.bytes - x.bytes || (a < b ? -1 : 1))
      .map(([, size]) => size);
  }

  /** Whether the pair is an older version of the key before it. */
  private follows(raw: Uint8Array): boolean {
    const length = Math.max(raw.length - SUFFIX_BYTES, 0);
    const { lastUserKey } = this;
    const same = this.lastUserLength === length && equalHead(raw, lastUserKey, length);
    if (same) return true;
    if (lastUserKey.length < length) this.lastUserKey = new Uint8Array(2 * length);
    this.lastUserKey.set(raw.subarray(0, length));
    this.lastUserLength = length;
    return false;
  }

  private sizeOf(raw: Uint8Array): PrefixSize {
    // Keys come in order, so that most have the prefix of the one before.
    if (this.last && this.lastLength > 0 && raw.length - SUFFIX_BYTES >= this.lastLength) {
      const same = raw.length !== REGISTRY_BYTES && equalHead(raw, this.lastKey, this.lastLength);
      if (same) return this.last;
    }
    const special = specialOf(raw);
    const length = special === null ? this.prefixLength(raw) : 0;
    const size = this.entry(special ?? (length === 0 ? 'no separator' : null), raw, length);
    this.last = size;
    // A prefix of fewer parts than asked for may be continued by the next key.
    this.lastLength = size.special === null && this.parts === this.depth ? length : 0;
    this.lastKey = size.prefix;
    return size;
  }

  private entry(special: PrefixSize['special'], raw: Uint8Array, length: number): PrefixSize {
    const key = special === null ? `p${toByteString(raw.subarray(0, length))}` : `s${special}`;
    const known = this.sizes.get(key);
    if (known) return known;
    if (special === null && this.sizes.size >= MAX_PREFIXES) {
      return this.entry('other prefixes', raw, 0);
    }
    const size: PrefixSize = {
      prefix: special === null ? fromByteString(key.slice(1)) : new Uint8Array(0),
      special,
      userKeys: 0,
      versions: 0,
      bytes: 0,
      liveBytes: 0,
      tombstoneBytes: 0,
      oldBytes: 0,
      encryptedBytes: 0,
    };
    this.sizes.set(key, size);
    return size;
  }

  /** Up to and with the separator that ends the part; 0 where there is none. */
  private prefixLength(raw: Uint8Array): number {
    const end = raw.length - SUFFIX_BYTES;
    let length = 0;
    this.parts = 0;
    for (let i = 0; i < end; i++) {
      const byte = raw[i];
      if (byte !== BAR && byte !== COLON && byte !== SLASH) continue;
      length = i + 1;
      if (++this.parts === this.depth) break;
    }
    return length;
  }
}

function equalHead(a: Uint8Array, b: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function specialOf(raw: Uint8Array): 'store metadata' | 'writer registry' | null {
  if (raw[0] === META_START && isMetaKey(toByteString(raw))) return 'store metadata';
  if (raw.length === REGISTRY_BYTES && isRegistryKey(toByteString(raw))) return 'writer registry';
  return null;
}
