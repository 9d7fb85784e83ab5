/**
 * A byte string is a JavaScript string in which every character is one byte (latin1). V8 stores it
 * one byte a character, `<` compares it in byte order, and it can be a key of a Map or a B-tree:
 * that is why keys of the store travel in this form (reference/dependencies.md §7).
 */
export type ByteString = string;

/** Node's own, which its types leave out. */
const { latin1Slice } = Buffer.prototype as unknown as {
  readonly latin1Slice: (this: Uint8Array, from: number, to: number) => string;
};

export function toByteString(b: Uint8Array): ByteString {
  // Called on the bytes as they are: making a Buffer of them first takes longer than the string.
  return latin1Slice.call(b, 0, b.length);
}

/** `bytes[from, to)`, without a view in between. */
export function byteStringOf(bytes: Uint8Array, from: number, to: number): ByteString {
  return latin1Slice.call(bytes, from, to);
}

export function fromByteString(s: ByteString): Uint8Array {
  return Buffer.from(s, 'latin1');
}

/** Negative, zero or positive as `a` sorts before, with or behind `b` in unsigned byte order. */
export function compareBytesToString(a: Uint8Array, b: ByteString): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const d = a[i]! - b.charCodeAt(i);
    if (d !== 0) return d;
  }
  return a.length - b.length;
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const d = a[i]! - b[i]!;
    if (d !== 0) return d;
  }
  return a.length - b.length;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}
