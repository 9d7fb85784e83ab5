/**
 * Every bound that is ours and not a format's, in one place. A format's own limits stand beside
 * its decoder. Sizes in bytes.
 */
export interface Limits {
  /** Largest single record, block or value that is brought into memory. */
  readonly maxRecordBytes: number;
  /** Largest output of one decompressed block. */
  readonly maxDecompressedBytes: number;
  /** Most names read from one directory. */
  readonly maxDirEntries: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxRecordBytes: 1 << 30,
  maxDecompressedBytes: 1 << 30,
  maxDirEntries: 1_000_000,
};
