import type { ByteSource } from './byte-source.js';

export type EntryKind = 'file' | 'directory' | 'other';

/** One name in a directory. `kind` is that of the link's target where the name is a symlink. */
export interface DirEntry {
  readonly name: string;
  readonly kind: EntryKind;
  /** Bytes for a file, 0 otherwise. */
  readonly size: number;
  /** Low 12 bits of the mode. */
  readonly mode: number;
}

/**
 * A directory that can be looked at. The engine reads through this, so that the same code runs over
 * the disk, over the disk as it would be after the boot's own changes, and over memory in tests.
 */
export interface DirSource {
  readonly path: string;
  /** All names in byte order. @throws {IoError} when the directory cannot be listed */
  list(): readonly DirEntry[];
  /** The entry of that name, or undefined when there is none. */
  stat(name: string): DirEntry | undefined;
  /** @throws {IoError} `io-not-found`, `io-not-regular`, `io-permission`, … */
  open(name: string): ByteSource;
  /** The directory of that name below this one; need not exist until it is used. */
  dir(name: string): DirSource;
}
