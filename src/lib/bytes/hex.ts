/** Node's own, which its types leave out. */
const { hexSlice } = Buffer.prototype as unknown as {
  readonly hexSlice: (this: Uint8Array, from: number, to: number) => string;
};

export function hex(b: Uint8Array): string {
  // Called on the bytes as they are: making a Buffer of them first takes longer than the digits.
  return hexSlice.call(b, 0, b.length);
}

/** Lower-case hex of a u32 checksum, always eight digits. */
export function hex32(v: number): string {
  return (v >>> 0).toString(16).padStart(8, '0');
}

/** Lower-case hex of a u64, always sixteen digits: the form of elastickv's file names. */
export function hex64(v: bigint): string {
  return v.toString(16).padStart(16, '0');
}

/** Bytes of a hex text, or undefined when it is not one. */
export function unhex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return Buffer.from(text, 'hex');
}
