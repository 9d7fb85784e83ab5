export function hex(b: Uint8Array): string {
  return Buffer.from(b.buffer, b.byteOffset, b.byteLength).toString('hex');
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
