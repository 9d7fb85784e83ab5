import type { KvCursor, KvView } from '../../kv/kv-view.js';

const NOWHERE: KvCursor = {
  valid: false,
  key: new Uint8Array(0),
  value: new Uint8Array(0),
  seek: () => false,
  first: () => false,
  next: () => false,
};

/** A store without a pair. */
export const EMPTY_VIEW: KvView = { get: () => undefined, cursor: () => NOWHERE };
