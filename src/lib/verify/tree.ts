import { ToolError } from '../core/errors.js';
import { findingOf, type Finding } from '../core/finding.js';
import type { DirSource } from '../io/dir-source.js';

export interface TreeFile {
  /** Below the directory that was named, with `/`. */
  readonly path: string;
  readonly size: number;
}

export interface Tree {
  readonly files: readonly TreeFile[];
  readonly findings: readonly Finding[];
}

/** Deeper than any data dir is; also ends a circle of links. */
const MAX_DEPTH = 12;

/** Every regular file below a directory. What cannot be listed is a finding, and the walk goes on. */
export function walkTree(root: DirSource): Tree {
  const files: TreeFile[] = [];
  const findings: Finding[] = [];
  const visit = (dir: DirSource, prefix: string, depth: number): void => {
    for (const { name, kind, size } of entriesOf(dir, findings)) {
      const path = prefix + name;
      if (kind === 'file') files.push({ path, size });
      else if (kind === 'directory' && depth < MAX_DEPTH) {
        visit(dir.dir(name), `${path}/`, depth + 1);
      } else {
        const message =
          kind === 'directory'
            ? `more than ${MAX_DEPTH} directories deep: not looked at`
            : 'no regular file (a FIFO, a socket, a device): not looked at';
        const file = `${dir.path}/${name}`;
        const at = { code: 'inspect-incomplete' as const, severity: 'warning' as const, file };
        findings.push({ ...at, message, exitCode: 5 });
      }
    }
  };
  visit(root, '', 0);
  return { files, findings };
}

function entriesOf(dir: DirSource, findings: Finding[]): ReturnType<DirSource['list']> {
  try {
    return dir.list();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    findings.push(findingOf(error));
    return [];
  }
}
