import { KIND } from '../base/internal-key.js';

/** By kind: 1 where points of a table may have it (spec/pebble.md §5.1). */
export const IS_POINT_KIND = new Uint8Array(256);
for (const kind of [
  KIND.DELETE,
  KIND.SET,
  KIND.MERGE,
  KIND.SINGLEDEL,
  KIND.SETWITHDEL,
  KIND.DELSIZED,
]) {
  IS_POINT_KIND[kind] = 1;
}
