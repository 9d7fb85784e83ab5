/** A key that outlives the window it was read from. The buffer is reused, `view` is its used part. */
export interface KeptKey {
  readonly buffer: Uint8Array;
  readonly view: Uint8Array;
}

const TIMESTAMP_BYTES = 8;

/** Copies a key, into the buffer of `into` where it fits. */
export function keepKey(
  into: KeptKey | undefined,
  bytes: Uint8Array,
  pos: number,
  length: number,
): KeptKey {
  const old = into?.buffer;
  const buffer = old !== undefined && old.length >= length ? old : new Uint8Array(length + 64);
  // Keys are short: a loop beats the view that `set` would need.
  if (length <= 64) for (let i = 0; i < length; i++) buffer[i] = bytes[pos + i]!;
  else buffer.set(bytes.subarray(pos, pos + length));
  if (into !== undefined && into.view.length === length) return into;
  return { buffer, view: buffer.subarray(0, length) };
}

/** Whether two raw keys are versions of the same user key: equal but for the last 8 bytes. */
export function equalUserKeys(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length || a.length < TIMESTAMP_BYTES) return false;
  for (let i = a.length - TIMESTAMP_BYTES - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}
