import { EMPTY_VIEW } from './empty-view.js';
import type { ByteString } from '../../bytes/byte-string.js';
import type { ByteSource } from '../../io/byte-source.js';
import type { KvCursor, KvView } from '../../kv/kv-view.js';
import type { BundleFile } from '../payload/sst-manifest.js';

// STUB until src/lib/pebble/sstable/table.ts is there.
export class BundleTables implements KvView {
  static open(_sources: readonly ByteSource[], _files: readonly BundleFile[]): BundleTables {
    return new BundleTables();
  }
  get(key: ByteString): Uint8Array | undefined {
    return EMPTY_VIEW.get(key);
  }
  cursor(): KvCursor {
    return EMPTY_VIEW.cursor();
  }
}
