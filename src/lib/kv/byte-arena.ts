/**
 * Room for many small values that live as long as the store: cut from large slabs, because one
 * ArrayBuffer a value costs more time and memory than the value itself. Nothing is given back.
 */
const SLAB_BYTES = 1 << 18;
const OWN_BUFFER_FROM = 1 << 14;

export class ByteArena {
  private slab = new Uint8Array(0);
  private used = 0;

  /** Zeroed bytes of exactly this length, belonging to the caller. */
  take(length: number): Uint8Array {
    if (length >= OWN_BUFFER_FROM) return new Uint8Array(length);
    if (this.used + length > this.slab.length) {
      this.slab = new Uint8Array(SLAB_BYTES);
      this.used = 0;
    }
    this.used += length;
    return this.slab.subarray(this.used - length, this.used);
  }
}
