import type { FindingSink } from '../../core/finding.js';
import { KIND } from '../base/internal-key.js';
import {
  compareBounds,
  globalSeqNumOf,
  isExclusiveSentinel,
  type Bound,
  type TableMeta,
} from '../manifest/table-meta.js';
import type { TableVerdict } from '../sstable/verify-table.js';

/**
 * What a full reading found in a table against what the MANIFEST says of it (spec/pebble.md §8).
 * Says nothing about virtual tables, which show a part of their file, and about tables that were
 * not read whole.
 */
export function compareWithManifest(
  meta: TableMeta,
  found: TableVerdict,
  path: string,
  report: FindingSink,
): void {
  if (meta.virtual || !found.isComplete || globalSeqNumOf(meta) !== undefined) return;
  const fault = (message: string): void => {
    report({ code: 'pebble-version-inconsistent', severity: 'error', file: path, message });
  };
  const { smallestPoint, largestPoint } = found;
  if (smallestPoint && largestPoint) {
    const { points } = meta;
    if (!points) {
      fault('the MANIFEST knows of no points in the table');
      return;
    }
    checkBound('smallest', points.smallest, smallestPoint, -1, fault);
    checkBound('largest', points.largest, largestPoint, 1, fault);
  }
  const { smallestSeqNum, largestSeqNum } = found;
  if (smallestSeqNum !== undefined && smallestSeqNum !== meta.smallestSeqNum) {
    fault(`lowest number is ${smallestSeqNum}, the MANIFEST says ${meta.smallestSeqNum}`);
  }
  if (largestSeqNum !== undefined && largestSeqNum !== meta.largestSeqNum) {
    fault(`highest number is ${largestSeqNum}, the MANIFEST says ${meta.largestSeqNum}`);
  }
}

/** @param side -1: no point may sort before `bound`; 1: none behind it */
function checkBound(
  what: string,
  bound: Bound,
  point: Bound,
  side: -1 | 1,
  fault: (message: string) => void,
): void {
  const order = compareBounds(point, bound);
  const isTombstone = bound.kind === KIND.RANGEDEL || isExclusiveSentinel(bound);
  const isRight = isTombstone ? order * side <= 0 : order === 0;
  if (isRight) return;
  fault(
    `${what} point is ${JSON.stringify(point.userKey)} of kind ${point.kind}, number ` +
      `${point.seqNum}; the MANIFEST says ${JSON.stringify(bound.userKey)}, kind ${bound.kind}, ` +
      `number ${bound.seqNum}`,
  );
}
