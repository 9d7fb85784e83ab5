import { IoError } from '../core/errors.js';
import type { DirSource } from './dir-source.js';

/** Deeper directories are counted as nothing: no node makes them. */
const DEEPEST = 16;

/** Regular files and their bytes below each name of a directory, in the order of the names. */
export function dirShares(dir: DirSource): { name: string; files: number; bytes: number }[] {
  return dir.list().map((entry) => {
    const sum = { name: entry.name, files: 0, bytes: 0 };
    if (entry.kind === 'file') {
      sum.files = 1;
      sum.bytes = entry.size;
    } else if (entry.kind === 'directory') {
      sum.name += '/';
      addTree(dir.dir(entry.name), sum, DEEPEST);
    }
    return sum;
  });
}

function addTree(dir: DirSource, sum: { files: number; bytes: number }, levels: number): void {
  if (levels === 0) return;
  let entries: ReturnType<DirSource['list']>;
  try {
    entries = dir.list();
  } catch (error) {
    if (error instanceof IoError) return;
    throw error;
  }
  for (const entry of entries) {
    if (entry.kind === 'file') {
      sum.files++;
      sum.bytes += entry.size;
    } else if (entry.kind === 'directory') addTree(dir.dir(entry.name), sum, levels - 1);
  }
}
