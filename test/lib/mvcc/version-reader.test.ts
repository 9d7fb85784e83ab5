import { expect } from 'chai';
import { toByteString } from '../../../src/lib/bytes/byte-string.js';
import { unhex } from '../../../src/lib/bytes/hex.js';
import { ByteArena } from '../../../src/lib/kv/byte-arena.js';
import { MemoryView } from '../../../src/lib/kv/memory-view.js';
import { OverlayStore } from '../../../src/lib/kv/overlay.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';
import { encodeMetaValue, MIN_RETAINED_TS_KEY } from '../../../src/lib/mvcc/meta-keys.js';
import type { ValueCipher } from '../../../src/lib/mvcc/value-cipher.js';
import { suffixOfTs } from '../../../src/lib/mvcc/version-key.js';
import { VersionReader } from '../../../src/lib/mvcc/version-reader.js';
import {
  decodeVersionHeader,
  encodeClearValue,
  TOMBSTONE,
} from '../../../src/lib/mvcc/version-value.js';

const MAX_TS = 0xffff_ffff_ffff_ffffn;
const T = 116654080000065536n;
const clear = (text: string): Uint8Array => encodeClearValue(new ByteArena(), Buffer.from(text));

function readerOf(
  rows: readonly (readonly [string, bigint, Uint8Array])[],
  cipher: ValueCipher | null = null,
): VersionReader {
  const pairs = rows.map(([key, ts, value]) => [key + suffixOfTs(ts), value] as const);
  return new VersionReader(new OverlayStore(new MemoryView(pairs)), cipher);
}

function textAt(reader: VersionReader, key: string, ts: bigint): string | null {
  const found = reader.readAt(key, ts);
  if (found === null) return null;
  return found instanceof Fault ? found.label : toByteString(found.body);
}

describe('value header', () => {
  const faultOf = (text: string): string | null => {
    const header = decodeVersionHeader(unhex(text)!);
    return header instanceof Fault ? header.label : null;
  };

  it('reads flags and expiry', () => {
    // vectors.json, "storage envelope with expiry".
    const header = decodeVersionHeader(unhex('020000638844709e01')!);
    expect(header).to.deep.equal({
      tombstone: false,
      encrypted: true,
      expireAt: 116654080006488064n,
    });
    expect(decodeVersionHeader(TOMBSTONE)).to.deep.equal({
      tombstone: true,
      encrypted: false,
      expireAt: 0n,
    });
  });

  it('refuses short values without a name, and before reserved bits with one', () => {
    expect(faultOf('')).to.equal('value-header-short');
    expect(faultOf('ff00000000000000')).to.equal('value-header-short');
    for (const flags of ['04', '06', '08', '10', '20', '40', '80', 'ff']) {
      expect(faultOf(`${flags}0000000000000000`)).to.equal('ErrEncryptedValueReservedState');
    }
    for (const flags of ['00', '01', '02', '03']) {
      expect(faultOf(`${flags}0000000000000000`)).to.equal(null);
    }
  });
});

describe('VersionReader', () => {
  it('sees at a timestamp the newest version at or below it', () => {
    const reader = readerOf([
      ['k', 10n, clear('ten')],
      ['k', 20n, TOMBSTONE],
      ['k', 30n, clear('thirty')],
    ]);
    expect(textAt(reader, 'k', 9n)).to.equal(null);
    expect(textAt(reader, 'k', 10n)).to.equal('ten');
    expect(textAt(reader, 'k', 19n)).to.equal('ten');
    expect(textAt(reader, 'k', 20n)).to.equal(null);
    expect(textAt(reader, 'k', MAX_TS)).to.equal('thirty');
    expect(reader.latest('k')).to.equal(suffixOfTs(30n));
    expect(reader.hasExactly('k', suffixOfTs(20n))).to.equal(true);
    expect(reader.hasExactly('k', suffixOfTs(21n))).to.equal(false);
  });

  it('is blind at max for a key that is a proper prefix of another stored key', () => {
    const rows = [
      ['user', T, clear('short')],
      ['user1', T - 5n, TOMBSTONE],
    ] as const;
    const reader = readerOf(rows);
    expect(reader.readAtMax('user')).to.equal(null);
    expect(reader.latest('user')).to.equal(null);
    expect(textAt(reader, 'user', T)).to.equal('short');
    expect(readerOf(rows.slice(0, 1)).latest('user')).to.equal(suffixOfTs(T));
  });

  it('takes any expiry for passed when it reads at max, and latest does not care', () => {
    const expiring = clear('v');
    expiring[8] = 0x01;
    const reader = readerOf([['k', 10n, expiring]]);
    expect(textAt(reader, 'k', 10n)).to.equal('v');
    expect(reader.readAtMax('k')).to.equal(null);
    expect(reader.latest('k')).to.equal(suffixOfTs(10n));
  });

  it('refuses reads below the retention mark, but neither at 0 nor at max', () => {
    const reader = readerOf([['k', 10n, clear('v')]]);
    reader.store.put(MIN_RETAINED_TS_KEY, encodeMetaValue(15n));
    expect(textAt(reader, 'k', 14n)).to.equal('ErrReadTSCompacted');
    expect(textAt(reader, 'k', 15n)).to.equal('v');
    expect(textAt(reader, 'k', 0n)).to.equal(null);
    expect(textAt(reader, 'k', MAX_TS)).to.equal('v');
  });

  it('answers without a name for an encrypted row and no cipher, tombstone or not', () => {
    for (const flags of [2, 3]) {
      const row = clear('x'.repeat(40));
      row[0] = flags;
      expect(textAt(readerOf([['k', 10n, row]]), 'k', 10n)).to.equal('value-no-cipher');
    }
  });

  it('asks the cipher for encrypted rows, and whether long clear ones are relabelled', () => {
    const asked: number[] = [];
    const cipher: ValueCipher = {
      openValue: (_, stored) => stored.subarray(10),
      isRelabelled: (_, stored) => {
        asked.push(stored.length);
        return stored.includes(0x21);
      },
      sealValue: () => null,
    };
    const sealed = clear('?secret');
    sealed[0] = 2;
    const rows = [
      ['a', 10n, sealed],
      ['b', 10n, clear('b'.repeat(33))],
      ['c', 10n, clear('c'.repeat(34))],
      ['d', 10n, clear('!'.repeat(34))],
    ] as const;
    const reader = readerOf(rows, cipher);
    expect(textAt(reader, 'a', 10n)).to.equal('secret');
    expect(textAt(reader, 'b', 10n)).to.equal('b'.repeat(33));
    expect(textAt(reader, 'c', 10n)).to.equal('c'.repeat(34));
    expect(textAt(reader, 'd', 10n)).to.equal('ErrEncryptedReadIntegrity');
    expect(asked).to.deep.equal([43, 43]);
  });
});
