/**
 * Tables whose checksums are good and whose contents are not: a value or an error of ours, in time.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ToolError } from '../../../../src/lib/core/errors.js';
import { MemorySource } from '../../../../src/lib/io/byte-source.js';
import { BlockCache } from '../../../../src/lib/pebble/sstable/block-cache.js';
import type { BlockHandle } from '../../../../src/lib/pebble/sstable/block-handle.js';
import { readFooter } from '../../../../src/lib/pebble/sstable/footer.js';
import { TableBlocks } from '../../../../src/lib/pebble/sstable/table-blocks.js';
import { openTable } from '../../../../src/lib/pebble/sstable/table.js';
import { verifyTable } from '../../../../src/lib/pebble/sstable/verify-table.js';
import { DEFAULT_LIMITS } from '../../../../src/lib/core/limits.js';
import { FIXTURES } from '../../../support/fixtures.js';
import { resealed } from './resealed.js';

const DIR = join(FIXTURES, 'sstables');
/** Stored uncompressed, so that a changed byte is a changed content. */
const NAMES = readdirSync(DIR).filter((name) => /one-level|spans-only/.test(name));

function handlesOf(bytes: Uint8Array): BlockHandle[] {
  const cache = new BlockCache(1 << 20);
  const blocks = new TableBlocks(new MemorySource('t', bytes), cache, DEFAULT_LIMITS);
  const { properties, rangeDel, rangeKey, valueIndex } = blocks.metaindex;
  const { index } = blocks.topIndex();
  const handles: (BlockHandle | undefined)[] = [
    ...Array.from({ length: Math.min(index.count, 2) }, (_, i) => index.handle(i)),
    blocks.footer.index,
    properties,
    rangeDel,
    rangeKey,
    valueIndex?.handle,
    blocks.footer.metaindex,
  ];
  return handles.filter((handle) => handle !== undefined);
}

function readAll(bytes: Uint8Array): void {
  const table = openTable(new MemorySource('t', bytes), { cache: new BlockCache(1 << 20) });
  try {
    table.rangeDels();
    table.rangeKeys();
    const points = table.points();
    let left = 20_000;
    for (let ok = points.first(); ok && left > 0; ok = points.next()) {
      left -= 1 + points.userKey.length / 1000 + points.value.length / 1000;
    }
    points.seek('key/01/000300');
    points.seek('key/01/0003');
  } finally {
    table.endScans();
  }
}

describe('hostile tables', () => {
  it('are read or refused, byte by byte', async function () {
    this.timeout(120_000);
    let refused = 0;
    let read = 0;
    for (const name of NAMES) {
      const bytes = readFileSync(join(DIR, name));
      expect(readFooter(new MemorySource(name, bytes)).offset).to.be.below(bytes.length);
      for (const [h, handle] of handlesOf(bytes).entries()) {
        const stride = 1 + Math.floor(handle.length / 60);
        for (let at = h % stride; at < handle.length; at += stride) {
          for (const to of [0xff, 0x00, 0x80, 0x01]) {
            const damaged = resealed(bytes, handle, (payload) => {
              payload[at] = payload[at] === to ? to ^ 0x10 : to;
            });
            try {
              readAll(damaged);
              read++;
            } catch (error) {
              if (!(error instanceof ToolError)) throw error;
              refused++;
            }
            const verdict = await verifyTable(new MemorySource(name, damaged), {
              level: 'full',
              report: () => undefined,
            });
            const sum = verdict.bytesChecked + verdict.bytesSkipped + verdict.bytesUnreadable;
            expect(sum).to.equal(bytes.length);
          }
        }
      }
    }
    expect(refused).to.be.above(1000);
    expect(read).to.be.above(1000);
  });
});
