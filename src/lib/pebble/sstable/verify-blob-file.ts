/**
 * Verifies one blob file (spec/pebble.md §6.10, §8): its blocks decode and all bytes are accounted
 * for.
 */
import { ToolError } from '../../core/errors.js';
import { findingOf, type FindingSink } from '../../core/finding.js';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import { NO_PACE, type Pace } from '../../core/pace.js';
import type { ByteSource } from '../../io/byte-source.js';
import { BLOB_FOOTER_BYTES, openBlobFile } from './blob-file.js';
import { BlockCache } from './block-cache.js';
import { BLOCK_TRAILER_BYTES } from './block-handle.js';
import { Coverage, type CoveredBytes } from './coverage.js';
import { FindingTally } from './finding-tally.js';

export interface VerifyBlobFileOptions {
  readonly report: FindingSink;
  readonly pace?: Pace | undefined;
  readonly limits?: Limits | undefined;
}

export interface BlobFileVerdict extends CoveredBytes {
  readonly blocks: number;
  readonly badBlocks: number;
  /** In the blocks that could be read. */
  readonly values: number;
}

/** @throws {IoError} when the file cannot be read; whatever its bytes say is a finding */
export async function verifyBlobFile(
  source: ByteSource,
  options: VerifyBlobFileOptions,
): Promise<BlobFileVerdict> {
  const { limits = DEFAULT_LIMITS, pace = NO_PACE } = options;
  const coverage = new Coverage();
  const tally = new FindingTally(options.report);
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ToolError) || error.exitCode === 1) throw error;
      tally.report(findingOf(error));
      return undefined;
    }
  };
  let gapReason: string | undefined;
  let blocks = 0;
  let badBlocks = 0;
  let values = 0;
  const file = attempt(() => openBlobFile(source, new BlockCache(0), limits));
  if (file) {
    const footerAt = source.size - BLOB_FOOTER_BYTES;
    coverage.add(footerAt, BLOB_FOOTER_BYTES, 'checked', 'footer');
    const handles = attempt(() => file.blocks());
    const { offset, length } = file.indexHandle;
    if (offset + length + BLOCK_TRAILER_BYTES <= footerAt) {
      const state = handles ? 'checked' : 'unreadable';
      coverage.add(offset, length + BLOCK_TRAILER_BYTES, state, 'blob index');
    }
    if (!handles) gapReason = 'the blob index is unreadable';
    for (const handle of handles ?? []) {
      const count = attempt(() => file.verifyBlock(handle));
      const bytes = handle.length + BLOCK_TRAILER_BYTES;
      blocks++;
      if (count === undefined) badBlocks++;
      else values += count;
      if (handle.offset + bytes <= footerAt) {
        const state = count === undefined ? 'unreadable' : 'checked';
        coverage.add(handle.offset, bytes, state, 'blob value');
      }
      const wait = pace.step(bytes);
      if (wait) await wait;
    }
  } else {
    gapReason = 'the footer does not lead anywhere';
  }
  const covered = coverage.finish(source.path, source.size, gapReason, (finding) =>
    tally.report(finding),
  );
  tally.finish(source.path);
  return { ...covered, blocks, badBlocks, values };
}
