/**
 * The store a replay writes to: an ordered set of changes over a view that is never written and
 * never loaded. Looking sees the changes; the base below them is read on demand.
 */
import sortedBtree from 'sorted-btree';
import { compareBytesToString, fromByteString, toByteString } from '../bytes/byte-string.js';
import type { ByteString } from '../bytes/byte-string.js';
import { GapCache } from './gap-cache.js';
import type { KeyFilter } from './key-filter.js';
import type { KvCursor, KvView } from './kv-view.js';

const BTree = sortedBtree.default;
type Changes = InstanceType<typeof BTree<ByteString, Uint8Array>>;

/** Marks a key that the base has and the overlay hides. Compared by identity. */
const DELETED = new Uint8Array(0);

const byBytes = (a: ByteString, b: ByteString): number => (a < b ? -1 : a > b ? 1 : 0);

/** Puts that become visible together. Of a key named twice the later value counts. */
export class WriteBatch {
  readonly pairs: [key: ByteString, value: Uint8Array][] = [];

  /** @param value  kept: hand over bytes that nobody changes any more */
  put(key: ByteString, value: Uint8Array): void {
    this.pairs.push([key, value]);
  }
}

export class OverlayStore implements KvView {
  readonly base: KvView;
  private readonly tree: Changes = new BTree<ByteString, Uint8Array>(undefined, byBytes);
  /** Puts that nobody has asked for in order yet: they go into the tree when somebody does. */
  private readonly pending = new Map<ByteString, Uint8Array>();
  /** Counts the changes made; a cursor that sees another number finds its place again. */
  version = 0;
  private readonly gaps = new GapCache();
  private readonly baseCursor: KvCursor;
  private hidden = 0;
  /** Knows every key of base and changes; undefined where nobody has read all of the base. */
  private filter: KeyFilter | undefined;

  constructor(base: KvView) {
    this.base = base;
    this.baseCursor = base.cursor();
  }

  /** @internal for this file's cursor */
  get changes(): Changes {
    if (this.pending.size > 0) this.sortIn();
    return this.tree;
  }

  /** Keys put or hidden so far. */
  get changeCount(): number {
    return this.changes.size;
  }

  /** @param filter  to which every key of the base has been added; kept */
  useFilter(filter: KeyFilter): void {
    for (const key of this.changes.keys()) filter.add(key);
    this.filter = filter;
  }

  /** False: the key is not there. True says nothing. */
  mayHold(rawKey: ByteString): boolean {
    return this.filter === undefined || this.filter.mayHold(rawKey);
  }

  /** False: no raw key is this user key and 8 bytes behind it. True says nothing. */
  mayHoldVersionsOf(userKey: ByteString): boolean {
    return this.filter === undefined || this.filter.mayHoldVersionsOf(userKey);
  }

  /** False: no version of any of these user keys has a smaller suffix, a later timestamp. */
  mayHoldLater(userKeys: readonly ByteString[], suffix: ByteString): boolean {
    return this.filter === undefined || this.filter.mayHoldLater(userKeys, suffix);
  }

  get(key: ByteString): Uint8Array | undefined {
    const changed = this.pending.get(key) ?? this.tree.get(key);
    if (changed === undefined) return this.base.get(key);
    return changed === DELETED ? undefined : changed;
  }

  /** The first key `>= target`, or null. What `cursor().seek(target)` would stand on. */
  seekKey(target: ByteString): ByteString | null {
    const known = this.gaps.find(target);
    if (known !== undefined) return known;
    const fromChanges = this.seekChanges(target);
    const fromBase = this.seekBase(target);
    const found =
      fromBase === null || (fromChanges !== null && fromChanges < fromBase)
        ? fromChanges
        : fromBase;
    this.gaps.learn(target, found);
    return found;
  }

  /** @param value  kept, as in `WriteBatch.put` */
  put(key: ByteString, value: Uint8Array): void {
    this.version++;
    if (this.hidden > 0 && this.isHidden(key)) this.hidden--;
    this.pending.set(key, value);
    this.gaps.added(key);
    this.filter?.add(key);
  }

  delete(key: ByteString): void {
    this.version++;
    if (!this.isHidden(key)) this.hidden++;
    this.changes.set(key, DELETED);
    this.gaps.removed(key);
  }

  /** All of it or nothing: a batch is complete before it comes here, and nothing here can fail. */
  apply(batch: WriteBatch): void {
    for (const [key, value] of batch.pairs) this.put(key, value);
  }

  cursor(): OverlayCursor {
    return new OverlayCursor(this);
  }

  isHidden(key: ByteString): boolean {
    return this.hidden > 0 && !this.pending.has(key) && this.tree.get(key) === DELETED;
  }

  /** Whether the key was put here, whatever the base has under it. */
  isPut(key: ByteString): boolean {
    const changed = this.pending.get(key) ?? this.tree.get(key);
    return changed !== undefined && changed !== DELETED;
  }

  /** Many at a time are put in order first: neighbours then find their place in the same nodes. */
  private sortIn(): void {
    const { pending, tree } = this;
    const keys = [...pending.keys()];
    if (keys.length > 1) keys.sort(byBytes);
    for (const key of keys) tree.set(key, pending.get(key) ?? DELETED);
    pending.clear();
  }

  private seekChanges(target: ByteString): ByteString | null {
    let pair = this.changes.getPairOrNextHigher(target);
    while (pair !== undefined && pair[1] === DELETED) pair = this.changes.nextHigherPair(pair[0]);
    return pair === undefined ? null : pair[0];
  }

  private seekBase(target: ByteString): ByteString | null {
    const cursor = this.baseCursor;
    for (let on = cursor.seek(target); on; on = cursor.next()) {
      const key = toByteString(cursor.key);
      if (!this.isHidden(key)) return key;
    }
    return null;
  }
}

const NOWHERE = new Uint8Array(0);

/** Merges the changes over the base. Survives changes made while it stands somewhere. */
export class OverlayCursor implements KvCursor {
  private readonly store: OverlayStore;
  private readonly base: KvCursor;
  private changes: Iterator<[ByteString, Uint8Array]> | undefined;
  /** The next change, at or behind the present pair; undefined when none is left. */
  private change: [ByteString, Uint8Array] | undefined;
  /** The present pair is `change` (then a base pair of the same key is passed over with it). */
  private onChange = false;
  private sameInBase = false;
  private version = 0;
  valid = false;

  constructor(store: OverlayStore) {
    this.store = store;
    this.base = store.base.cursor();
  }

  get key(): Uint8Array {
    return this.onChange ? fromByteString(this.keyString) : this.base.key;
  }

  /** The key in the form in which the store compares keys. */
  get keyString(): ByteString {
    return this.onChange ? (this.change?.[0] ?? '') : toByteString(this.base.key);
  }

  get value(): Uint8Array {
    return this.onChange ? (this.change?.[1] ?? NOWHERE) : this.base.value;
  }

  seek(target: ByteString): boolean {
    this.base.seek(target);
    return this.start(target);
  }

  first(): boolean {
    this.base.first();
    return this.start('');
  }

  next(): boolean {
    if (this.version !== this.store.version) return this.seek(`${this.keyString}\0`);
    this.leave();
    return this.settle();
  }

  private start(target: ByteString): boolean {
    this.version = this.store.version;
    this.changes = this.store.changes.entries(target);
    this.nextChange();
    return this.settle();
  }

  /** Steps off the present pair. */
  private leave(): void {
    if (!this.onChange || this.sameInBase) this.base.next();
    if (this.onChange) this.nextChange();
  }

  /** Stands on the lesser of change and base pair, passing over hidden ones. */
  private settle(): boolean {
    for (;;) {
      const order = this.order();
      this.onChange = order >= 0;
      this.sameInBase = order === 0;
      if (!this.onChange || this.change?.[1] !== DELETED) break;
      this.leave();
    }
    this.valid = this.onChange ? this.change !== undefined : this.base.valid;
    return this.valid;
  }

  /** Negative: the base pair comes first; positive: the change; 0: both have the key. */
  private order(): number {
    if (this.change === undefined) return this.base.valid ? -1 : 1;
    return this.base.valid ? compareBytesToString(this.base.key, this.change[0]) : 1;
  }

  private nextChange(): void {
    const step = this.changes?.next();
    this.change = step === undefined || step.done === true ? undefined : step.value;
  }
}
