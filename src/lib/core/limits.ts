/**
 * Every bound that is ours and not a format's, in one place. A format's own limits stand beside its
 * decoder. What exceeds one of these is refused as `limit-exceeded` before memory is asked for: it
 * says nothing about the data, and `--limit` raises it.
 */
import { UnsupportedError } from './errors.js';

export interface Limits {
  /** Largest single record, block or file that is brought into memory as one piece, in bytes. */
  readonly maxRecordBytes: number;
  /** Largest output of one decompressed block, in bytes. */
  readonly maxDecompressedBytes: number;
  /** Most names read from one directory. */
  readonly maxDirEntries: number;
  /** Most elements of one repeated field: a byte of input must not become a hundred of memory. */
  readonly maxListItems: number;
}

/**
 * The node takes values of up to 256 MiB and keys of up to 1 MiB: the records and blocks that hold
 * one fit, and a file that lies about a length costs less than 512 MiB all the same.
 */
export const DEFAULT_LIMITS: Limits = {
  maxRecordBytes: 384 << 20,
  maxDecompressedBytes: 320 << 20,
  maxDirEntries: 1_000_000,
  maxListItems: 1 << 20,
};

/** Replaces limits for the whole process: once, by the command line, before the work begins. */
export function overrideLimits(values: Partial<Limits>): void {
  Object.assign(DEFAULT_LIMITS, values);
}

/** @throws {UnsupportedError} `limit-exceeded` where `count` elements are already one too many */
export function checkListItems(count: number, what: string): void {
  if (count < DEFAULT_LIMITS.maxListItems) return;
  throw new UnsupportedError('limit-exceeded', `more than ${count} elements of ${what}`);
}
