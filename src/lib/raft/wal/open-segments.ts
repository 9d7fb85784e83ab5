import { IoError } from '../../core/errors.js';
import type { DirSource } from '../../io/dir-source.js';
import type { WalSegment } from './decoder.js';
import type { SegmentName } from './segment-name.js';

/**
 * Opens segments for reading, all of them or none; sizes are taken here, once. Close with
 * `closeSegments`.
 * @throws {IoError} with the node's text for a segment that cannot be opened
 */
export function openSegments(dir: DirSource, names: readonly SegmentName[]): WalSegment[] {
  const open: WalSegment[] = [];
  try {
    for (const { name } of names) open.push({ name, source: dir.open(name) });
  } catch (error) {
    closeSegments(open);
    if (!(error instanceof IoError)) throw error;
    const path = error.site?.path ?? dir.path;
    throw new IoError(error.code, error.detail, {
      site: error.site,
      errno: error.errno,
      cause: error,
      nodeError: `[openWALFiles] os.OpenFile failed ("${path}"): open ${path}: ${error.detail.replace(/^cannot open: /, '')}`,
    });
  }
  return open;
}

export function closeSegments(segments: readonly WalSegment[]): void {
  for (const { source } of segments) source.close();
}

/** Runs `use` over the open segments and closes them whatever happens. */
export function withSegments<T>(
  dir: DirSource,
  names: readonly SegmentName[],
  use: (segments: readonly WalSegment[]) => T,
): T {
  const open = openSegments(dir, names);
  try {
    return use(open);
  } finally {
    closeSegments(open);
  }
}
