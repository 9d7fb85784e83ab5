import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { fromByteString, type ByteString } from '../../../src/lib/bytes/byte-string.js';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import type { KvCursor, KvView } from '../../../src/lib/kv/kv-view.js';
import { DigestThreadLost } from '../../../src/lib/kv/digest-thread.js';
import { PairDigest } from '../../../src/lib/kv/pair-digest.js';
import { storeDigest } from '../../../src/lib/kv/store-digest.js';

function viewOf(pairs: readonly (readonly [ByteString, Uint8Array])[]): KvView {
  const sorted = [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    get: (key) => sorted.find(([known]) => known === key)?.[1],
    cursor(): KvCursor {
      let at = -1;
      return {
        get valid() {
          return at < sorted.length;
        },
        get key() {
          return fromByteString(sorted[at]![0]);
        },
        get value() {
          return sorted[at]![1];
        },
        seek: () => expect.fail('a digest does not seek'),
        first: () => sorted.length > (at = 0),
        next: () => ++at < sorted.length,
      };
    },
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const value = (first: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i === 0 ? first : i));

describe('kv store digest', () => {
  it('is the hash of one line a pair', async () => {
    const {
      keys,
      sha256: got,
      meta,
    } = await storeDigest(
      viewOf([
        ['\0\xff', value(1, 2)],
        ['a', new Uint8Array(0)],
      ]),
      NO_PACE,
    );
    expect(keys).to.equal(2);
    expect(got).to.equal(sha256('P 00ff 0101\nP 61 \n'));
    expect(meta).to.deep.equal({});
  });

  it('is the same for lines of any length', async () => {
    const lengths = [1, 15, 16, 17, 31, 33, 4096, 32_767, 32_768, 32_769, 70_001, 200_000];
    const pairs = lengths.map((n, i) => [`${i}`.padStart(2, '0'), value(i, n)] as const);
    const text = pairs.map(([key, bytes]) => {
      const hex = (b: Uint8Array | string): string => Buffer.from(b as string).toString('hex');
      return `P ${hex(key)} ${hex(bytes)}\n`;
    });
    const digest = await storeDigest(viewOf(pairs), NO_PACE);
    expect(digest.sha256).to.equal(sha256(text.join('')));
  });

  it('masks the expiry of live locks of at least 26 bytes and of nothing else', async () => {
    const lines = async (key: ByteString, bytes: Uint8Array): Promise<boolean> => {
      const keyHex = Buffer.from(key, 'latin1').toString('hex');
      const plain = `P ${keyHex} ${Buffer.from(bytes).toString('hex')}\n`;
      const digest = await storeDigest(viewOf([[key, bytes]]), NO_PACE);
      return digest.sha256 !== sha256(plain);
    };
    expect(await lines('!txn|lock|x', value(0, 26))).to.equal(true);
    expect(await lines('!txn|lock|', value(0xfe, 30))).to.equal(true);
    expect(await lines('!txn|lock|x', value(1, 26))).to.equal(false);
    expect(await lines('!txn|lock|x', value(0, 25))).to.equal(false);
    expect(await lines('!txn|lock', value(0, 30))).to.equal(false);
    const masked = value(0, 30).fill(0, 18, 26);
    const a = await storeDigest(viewOf([['!txn|lock|x', value(0, 30)]]), NO_PACE);
    const b = await storeDigest(viewOf([['!txn|lock|x', masked]]), NO_PACE);
    expect(a).to.deep.equal(b);
  });

  it('takes values of any length and shows the whole metadata', async () => {
    const long = value(7, 300_000);
    const meta = value(9, 11);
    const { sha256: got, meta: shown } = await storeDigest(
      viewOf([
        ['k', long],
        ['_meta_applied_index', meta],
        ['_meta_other', meta],
      ]),
      NO_PACE,
    );
    const hexOf = (b: Uint8Array | string): string =>
      Buffer.from(b as string, 'latin1').toString('hex');
    const text =
      `P ${hexOf('_meta_applied_index')} ${hexOf(meta)}\n` +
      `P ${hexOf('_meta_other')} ${hexOf(meta)}\nP ${hexOf('k')} ${hexOf(long)}\n`;
    expect(got).to.equal(sha256(text));
    expect(shown).to.deep.equal({ _meta_applied_index: hexOf(meta) });
  });

  it('is the same for a store that is left to a thread', async () => {
    const pairs = Array.from({ length: 3000 }, (_, i): readonly [ByteString, Uint8Array] => {
      const key = `key-${`${i}`.padStart(6, '0')}`;
      return [key, value(i & 0xff, i === 1000 ? 3 << 20 : 4096 + (i % 57))];
    });
    const hash = createHash('sha256');
    for (const [key, bytes] of pairs) {
      hash.update(`P ${Buffer.from(key).toString('hex')} ${Buffer.from(bytes).toString('hex')}\n`);
    }
    const { keys, sha256: got } = await storeDigest(viewOf(pairs), NO_PACE);
    expect(keys).to.equal(3000);
    expect(got).to.equal(hash.digest('hex'));
  });

  it('says so when the thread is lost, and never gives half a digest', async () => {
    const digest = new PairDigest(true);
    for (let i = 0; i < 20; i++)
      digest.add(fromByteString(`${i}`.padStart(3, '0')), value(1, 1 << 20));
    digest.close();
    let lost: unknown;
    try {
      await digest.finish();
    } catch (error) {
      lost = error;
    }
    expect(lost).to.be.instanceOf(DigestThreadLost);
  });
});
