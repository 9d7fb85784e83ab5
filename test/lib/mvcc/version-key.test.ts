import { expect } from 'chai';
import fc from 'fast-check';
import { fromByteString } from '../../../src/lib/bytes/byte-string.js';
import { hex, hex64 } from '../../../src/lib/bytes/hex.js';
import { logicalOfTs, msOfTs, tsOfMs } from '../../../src/lib/mvcc/timestamp.js';
import {
  isVersionOf,
  MAX_TS_SUFFIX,
  plainTsBytes,
  suffixOf,
  suffixOfTs,
  tsOfSuffix,
  userKeyOf,
  ZERO_TS_SUFFIX,
} from '../../../src/lib/mvcc/version-key.js';

const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });

describe('version keys', () => {
  it('puts the inverted timestamp behind the user key', () => {
    // vectors.json, "raw put and delete": key `a` at 116654080000065536.
    const rawKey = `a${suffixOfTs(116654080000065536n)}`;
    expect(hex(fromByteString(rawKey))).to.equal('61fe618fbb77feffff');
    expect(userKeyOf(rawKey)).to.equal('a');
    expect(tsOfSuffix(suffixOf(rawKey))).to.equal(116654080000065536n);
    expect(isVersionOf(rawKey, 'a')).to.equal(true);
    expect(isVersionOf(rawKey, 'b')).to.equal(false);
    expect(isVersionOf(`a${rawKey}`, 'a')).to.equal(false);
  });

  it('cuts metadata keys and registry rows like any other raw key', () => {
    // The table of mvcc-store.md §1.
    const cuts = [
      ['_meta_last_commit_ts', '_meta_last_c', '909292968ba08b8c'],
      ['_meta_min_retained_ts', '_meta_min_ret', '9e96919a9ba08b8c'],
      ['_meta_pending_min_retained_ts', '_meta_pending_min_ret', '9e96919a9ba08b8c'],
      ['_meta_applied_index', '_meta_appli', '9a9ba096919b9a87'],
      ['!encryption|writers|\0\0\0\x05|\xd4\xc0', '!encryption|writers', '83fffffffa832b3f'],
    ] as const;
    for (const [rawKey, userKey, ts] of cuts) {
      expect(userKeyOf(rawKey)).to.equal(userKey);
      expect(hex64(tsOfSuffix(suffixOf(rawKey)))).to.equal(ts);
    }
  });

  it('takes a raw key of less than 8 bytes for the empty user key at timestamp 0', () => {
    expect(userKeyOf('1234567')).to.equal('');
    expect(tsOfSuffix(suffixOf('1234567'))).to.equal(0n);
    expect(isVersionOf('1234567', '')).to.equal(true);
    expect(isVersionOf('', '')).to.equal(true);
    expect(isVersionOf('12345678', '')).to.equal(true);
    expect(isVersionOf('123456789', '')).to.equal(false);
  });

  it('sorts later timestamps first', () => {
    expect(tsOfSuffix(MAX_TS_SUFFIX)).to.equal(0xffff_ffff_ffff_ffffn);
    expect(tsOfSuffix(ZERO_TS_SUFFIX)).to.equal(0n);
    fc.assert(
      fc.property(u64, u64, (a, b) => {
        expect(tsOfSuffix(suffixOfTs(a))).to.equal(a);
        expect(suffixOfTs(a) < suffixOfTs(b)).to.equal(a > b);
        expect(plainTsBytes(a) < plainTsBytes(b)).to.equal(a < b);
      }),
    );
  });

  it('splits a timestamp into milliseconds and a counter', () => {
    expect(tsOfMs(1780000000000n)).to.equal(116654080000000000n);
    expect(msOfTs(116654080000065539n)).to.equal(1780000000001n);
    expect(logicalOfTs(116654080000065539n)).to.equal(3);
  });
});
