/** Symbolic links that lead out of a directory: followed as the node follows them, and named. */
import { readdirSync, readlinkSync, realpathSync, type Dirent } from 'node:fs';
import { join, sep } from 'node:path';

export interface OutsideLink {
  /** As typed, joined with the names below it. */
  readonly path: string;
  /** Where it leads, or the text of the link where it leads nowhere. */
  readonly target: string;
  readonly dangling: boolean;
}

/** A group dir is two levels deep, a data dir four. */
const MAX_DEPTH = 4;

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    // What cannot be listed is reported when it is read.
    return [];
  }
}

/** @returns in the order of their paths, at most `most` */
export function outsideLinks(root: string, most = 100): OutsideLink[] {
  const found: OutsideLink[] = [];
  let home: string;
  try {
    home = realpathSync(root);
  } catch {
    return found;
  }
  const visit = (path: string, depth: number): void => {
    const entries = entriesOf(path).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (found.length === most) return;
      const at = join(path, entry.name);
      if (entry.isDirectory() && depth < MAX_DEPTH) visit(at, depth + 1);
      if (!entry.isSymbolicLink()) continue;
      const link = leadOf(at);
      if (link.dangling || !`${link.target}${sep}`.startsWith(`${home}${sep}`)) found.push(link);
    }
  };
  visit(root, 1);
  return found;
}

function leadOf(path: string): OutsideLink {
  try {
    return { path, target: realpathSync(path), dangling: false };
  } catch {
    try {
      return { path, target: readlinkSync(path), dangling: true };
    } catch {
      return { path, target: '?', dangling: true };
    }
  }
}
