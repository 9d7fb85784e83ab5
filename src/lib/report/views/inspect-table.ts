/** One sstable or blob file, as text and JSON. Keys are shown quoted, values never. */
import { fromByteString } from '../../bytes/byte-string.js';
import { hex } from '../../bytes/hex.js';
import type { BlobFileVerdict } from '../../pebble/sstable/verify-blob-file.js';
import type { CoveredBytes } from '../../pebble/sstable/coverage.js';
import type { TableVerdict } from '../../pebble/sstable/verify-table.js';
import { quoteKey } from '../quote.js';
import { countText, exactSizeText } from '../sizes.js';
import type { FieldSection, Section } from './section.js';

const SHOWN_KEY_BYTES = 64;

function covered(bytes: CoveredBytes, size: number): FieldSection['fields'] {
  const { bytesChecked, bytesSkipped, bytesUnreadable } = bytes;
  return [
    ['size', exactSizeText(size)],
    [
      'bytes',
      `${countText(bytesChecked)} checked + ${countText(bytesSkipped)} skipped + ` +
        `${countText(bytesUnreadable)} unreadable = ${countText(size)}`,
    ],
  ];
}

function coveredJson(bytes: CoveredBytes, size: number): object {
  return {
    size: BigInt(size),
    bytes: {
      checked: BigInt(bytes.bytesChecked),
      skipped: BigInt(bytes.bytesSkipped),
      unreadable: BigInt(bytes.bytesUnreadable),
    },
  };
}

export function tableSections(verdict: TableVerdict, size: number): Section[] {
  const { smallestPoint, largestPoint } = verdict;
  const key = (bound: typeof smallestPoint): string | undefined =>
    bound && quoteKey(fromByteString(bound.userKey), SHOWN_KEY_BYTES);
  return [
    {
      fields: [
        ...covered(verdict, size),
        ['blocks', `${countText(verdict.blocks)}, ${countText(verdict.badBlocks)} bad`],
        ['points', countText(verdict.points)],
        ['range deletions', verdict.rangeDels > 0 ? countText(verdict.rangeDels) : undefined],
        ['range keys', verdict.rangeKeys > 0 ? countText(verdict.rangeKeys) : undefined],
        ['smallest key', key(smallestPoint)],
        ['largest key', key(largestPoint)],
        [
          'sequence numbers',
          verdict.smallestSeqNum === undefined
            ? undefined
            : `${verdict.smallestSeqNum} to ${verdict.largestSeqNum}`,
        ],
      ],
    },
  ];
}

export function tableJson(verdict: TableVerdict, size: number): object {
  const { smallestPoint, largestPoint } = verdict;
  return {
    ...coveredJson(verdict, size),
    blocks: verdict.blocks,
    badBlocks: verdict.badBlocks,
    complete: verdict.isComplete,
    points: verdict.points,
    rangeDels: verdict.rangeDels,
    rangeKeys: verdict.rangeKeys,
    smallestKeyHex: smallestPoint ? hex(fromByteString(smallestPoint.userKey)) : null,
    largestKeyHex: largestPoint ? hex(fromByteString(largestPoint.userKey)) : null,
    smallestSeqNum: verdict.smallestSeqNum ?? null,
    largestSeqNum: verdict.largestSeqNum ?? null,
  };
}

export function blobSections(verdict: BlobFileVerdict, size: number): Section[] {
  return [
    {
      fields: [
        ...covered(verdict, size),
        ['blocks', `${countText(verdict.blocks)}, ${countText(verdict.badBlocks)} bad`],
        ['values', countText(verdict.values)],
      ],
    },
  ];
}

export function blobJson(verdict: BlobFileVerdict, size: number): object {
  const { blocks, badBlocks, values } = verdict;
  return { ...coveredJson(verdict, size), blocks, badBlocks, values };
}
