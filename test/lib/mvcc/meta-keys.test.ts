import { expect } from 'chai';
import { MemoryView } from '../../../src/lib/kv/memory-view.js';
import {
  APPLIED_INDEX_KEY,
  decodeMetaValue,
  encodeMetaValue,
  isMetaKey,
  isMetaOrRegistryKey,
  isRegistryKey,
  META_KEYS,
  MIN_RETAINED_TS_KEY,
  PENDING_MIN_RETAINED_TS_KEY,
  readMeta,
  readRetentionMark,
} from '../../../src/lib/mvcc/meta-keys.js';

const REGISTRY_ROW = '!encryption|writers|\0\0\0\x05|\xd4\xc0';

describe('operational keys', () => {
  it('are the exact keys only', () => {
    for (const key of META_KEYS) {
      expect(isMetaKey(key)).to.equal(true);
      expect(isMetaKey(`${key}\0`)).to.equal(false);
      expect(isMetaKey(key.slice(0, -1))).to.equal(false);
    }
    expect(META_KEYS).to.have.length(4);
  });

  it('include registry rows by prefix, length and second bar, for build B', () => {
    expect(isRegistryKey(REGISTRY_ROW)).to.equal(true);
    expect(isRegistryKey(`${REGISTRY_ROW}x`)).to.equal(false);
    expect(isRegistryKey(REGISTRY_ROW.replace('\x05|', '\x05!'))).to.equal(false);
    expect(isRegistryKey(`?${REGISTRY_ROW.slice(1)}`)).to.equal(false);
    expect(isRegistryKey('!encryption|writers|||||||||')).to.equal(false);
    expect(isRegistryKey('!encryption|writers||||||||')).to.equal(true);
    expect(isMetaKey(REGISTRY_ROW)).to.equal(false);
    expect(isMetaOrRegistryKey(REGISTRY_ROW)).to.equal(true);
  });
});

describe('metadata values', () => {
  it('are u64 LE; shorter counts as absent, of longer ones the first 8 bytes count', () => {
    const value = encodeMetaValue(0x0102030405060708n);
    expect(value[0]).to.equal(8);
    expect(decodeMetaValue(value)).to.equal(0x0102030405060708n);
    expect(decodeMetaValue(value.subarray(0, 7))).to.equal(null);
    expect(decodeMetaValue(Uint8Array.of(...value, 99))).to.equal(0x0102030405060708n);
    expect(decodeMetaValue(undefined)).to.equal(null);
    expect(readMeta(new MemoryView([[APPLIED_INDEX_KEY, value]]), APPLIED_INDEX_KEY)).to.equal(
      0x0102030405060708n,
    );
  });

  it('give the higher of both retention marks', () => {
    const view = new MemoryView([
      [MIN_RETAINED_TS_KEY, encodeMetaValue(5n)],
      [PENDING_MIN_RETAINED_TS_KEY, encodeMetaValue(9n)],
    ]);
    expect(readRetentionMark(view)).to.equal(9n);
    expect(readRetentionMark(new MemoryView([]))).to.equal(0n);
  });
});
