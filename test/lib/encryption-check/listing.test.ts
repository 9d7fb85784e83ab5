/** The listing of envelopes: the metadata in the clear, values only where they are asked for. */
import { expect } from 'chai';
import { join } from 'node:path';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { UsageError } from '../../../src/lib/core/errors.js';
import {
  listEnvelopes,
  type EnvelopeRecord,
  type ListingOptions,
  type ListingResult,
} from '../../../src/lib/encryption-check/listing.js';
import { FsDir } from '../../../src/lib/io/file-source.js';
import { unpackFixture, unpackFresh } from '../../support/fixtures.js';
import { changeFirstEncrypted, encryptionOf, WITHOUT_KEYS } from './node.js';

interface Kept extends EnvelopeRecord {
  readonly value: string | null;
}

async function list(
  dir: string,
  more: Partial<ListingOptions> = {},
): Promise<ListingResult & { records: Kept[] }> {
  const records: Kept[] = [];
  const options: ListingOptions = {
    group: new FsDir(join(dir, 'data', 'n1')),
    encryption: WITHOUT_KEYS,
    decrypt: false,
    limit: Number.MAX_SAFE_INTEGER,
    pace: NO_PACE,
    ...more,
  };
  const result = await listEnvelopes(options, (record) => {
    const value = record.clear === null ? null : Buffer.from(record.clear).toString('latin1');
    records.push({ ...record, value });
  });
  return { ...result, records };
}

describe('encryption rows', () => {
  it('shows every envelope once a place, in order, without a key', async () => {
    const { records, given, notVerified } = await list(unpackFixture('guards', 'enc-b'));
    expect(given).to.equal(3521 + 795);
    expect(notVerified).to.equal(given);
    expect(records.every(({ verified, clear }) => verified === null && clear === null)).to.equal(
      true,
    );
    const counts = records
      .filter(({ place }) => place === 'wal')
      .map(({ writeCount }) => writeCount);
    expect(counts).to.deep.equal(counts.map((_, i) => BigInt(i + 1)));
  });

  it('gives values only when asked, and wipes them afterwards', async () => {
    const dir = unpackFixture('guards', 'enc-b');
    const encryption = encryptionOf(dir);
    const closed = await list(dir, { encryption, limit: 20 });
    expect(
      closed.records.every(({ verified, clear }) => verified === true && clear === null),
    ).to.equal(true);
    const open = await list(dir, { encryption, limit: 20, decrypt: true });
    expect(open.records.every(({ value }) => value !== null)).to.equal(true);
    expect(open.records.some(({ value }) => /[a-z0-9]/.test(value ?? ''))).to.equal(true);
    for (const { clear } of open.records) {
      expect(clear!.every((byte) => byte === 0)).to.equal(true);
    }
  });

  it('a value has the length of its envelope less the 34 bytes around it', async () => {
    const dir = unpackFixture('guards', 'enc-b');
    const { records } = await list(dir, {
      encryption: encryptionOf(dir),
      limit: 500,
      decrypt: true,
    });
    for (const { length, value } of records) expect(value!.length).to.equal(length - 34);
  });

  it('narrows by place, key, prefix and count', async () => {
    const dir = unpackFixture('guards', 'enc-a');
    expect((await list(dir, { place: 'wal' })).given).to.equal(820);
    expect((await list(dir, { place: 'fsm.db', keyId: 3n })).given).to.equal(1484);
    const prefix = Buffer.from('!hs|fld|');
    const fields = await list(dir, { place: 'fsm.db', prefix });
    expect(fields.given).to.be.greaterThan(10);
    for (const { key } of (await list(dir, { prefix, limit: 9 })).records) {
      expect(Buffer.from(key!).toString('latin1').length).to.be.greaterThan(8);
    }
    const some = await list(dir, { limit: 7 });
    expect([some.given, some.more]).to.deep.equal([7, true]);
    expect((await list(dir, { place: 'wal', limit: 820 })).more).to.equal(false);
  });

  it('names what fails', async () => {
    const dir = unpackFresh('guards', 'enc-a');
    changeFirstEncrypted(join(dir, 'data/n1/fsm-snap/00000000000004b1.fsm'), (_key, stored) => {
      stored[20]! ^= 4;
    });
    changeFirstEncrypted(join(dir, 'data/n1/fsm-snap/0000000000000321.fsm'), (_key, stored) => {
      stored[0]! &= ~0x06;
    });
    const { records, failed } = await list(dir, { encryption: encryptionOf(dir), decrypt: true });
    expect(failed).to.equal(2);
    const wrong = records.filter(({ error }) => error !== null);
    expect(wrong.map(({ error, clear }) => [error, clear])).to.deep.equal([
      ['ErrEncryptedReadIntegrity', null],
      ['ErrEncryptedReadIntegrity', null],
    ]);
  });

  it('refuses what it cannot do', async () => {
    const dir = unpackFixture('guards', 'enc-a');
    for (const more of [{ decrypt: true }, { place: 'fsm-snap/none.fsm' }]) {
      try {
        await list(dir, more);
        expect.fail('it did not refuse');
      } catch (error) {
        expect(error).to.be.instanceOf(UsageError);
      }
    }
  });
});
