import { expect } from 'chai';
import fc from 'fast-check';
import { Block } from '../../../../src/lib/pebble/sstable/block.js';
import { BlockCache } from '../../../../src/lib/pebble/sstable/block-cache.js';

const blockAt = (offset: number, length: number): Block =>
  new Block(new Uint8Array(length), 't', { offset, length });

describe('BlockCache', () => {
  it('drops what was used least recently', () => {
    const cache = new BlockCache(3 * blockAt(0, 100).memoryBytes);
    const file = cache.file();
    const other = cache.file();
    file.set(blockAt(1, 100));
    other.set(blockAt(1, 100));
    file.set(blockAt(2, 100));
    expect(file.get(1)?.handle.offset).to.equal(1);
    file.set(blockAt(3, 100));
    expect(other.get(1)).to.equal(undefined);
    expect([1, 2, 3].map((offset) => file.get(offset)?.handle.offset)).to.deep.equal([1, 2, 3]);
    file.clear();
    expect(cache.usedBytes).to.equal(0);
    expect(file.get(1)).to.equal(undefined);
  });

  it('never exceeds its bound and counts what it holds', () => {
    const operation = fc.tuple(fc.nat(2), fc.nat(9), fc.nat(2000));
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const cache = new BlockCache(3000);
        const files = [cache.file(), cache.file(), cache.file()];
        for (const [f, offset, length] of operations) {
          files[f]!.get((offset + 3) % 10);
          files[f]!.set(blockAt(offset, length));
          expect(cache.usedBytes).to.be.at.most(3000);
        }
        let held = 0;
        for (const file of files) {
          for (let offset = 0; offset < 10; offset++) held += file.get(offset)?.memoryBytes ?? 0;
        }
        expect(held).to.equal(cache.usedBytes);
      }),
    );
  });

  it('keeps nothing larger than itself', () => {
    const file = new BlockCache(500).file();
    file.set(blockAt(0, 400));
    expect(file.get(0)).to.equal(undefined);
  });
});
