import { expect } from 'chai';
import { join } from 'node:path';
import { toByteString } from '../../../../src/lib/bytes/byte-string.js';
import { hex } from '../../../../src/lib/bytes/hex.js';
import { NO_PACE } from '../../../../src/lib/core/pace.js';
import { FsDir } from '../../../../src/lib/io/file-source.js';
import { storeDigest } from '../../../../src/lib/kv/store-digest.js';
import { openPebble } from '../../../../src/lib/pebble/db/pebble-db.js';
import { rangeKeyLine } from '../../../../src/lib/pebble/db/range-keys.js';
import { fixtureNames, readExpect, unpackFixture } from '../../../support/fixtures.js';

const SHA256_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

interface Expected {
  readonly points: number;
  /** Null where there is no point: then the digest is that of nothing. */
  readonly pointsSha256: string | null;
  readonly rangeKeyLines: readonly string[];
}

describe('pebble/db on recorded databases', () => {
  for (const name of fixtureNames('pebble')) {
    it(`agrees with Pebble's own iterator: ${name}`, async () => {
      const expected = readExpect('pebble', name) as Expected;
      const db = openPebble(new FsDir(join(unpackFixture('pebble', name), name)));
      const digest = await storeDigest(db, NO_PACE);
      expect(digest.keys).to.equal(expected.points);
      expect(digest.sha256).to.equal(expected.pointsSha256 ?? SHA256_OF_NOTHING);
      expect(db.rangeKeys().map(rangeKeyLine)).to.deep.equal(expected.rangeKeyLines);
      db.close();
    });

    it(`gets and seeks what it scans: ${name}`, () => {
      const db = openPebble(new FsDir(join(unpackFixture('pebble', name), name)));
      const scan = db.cursor();
      const probe = db.cursor();
      for (let more = scan.first(); more; more = scan.next()) {
        const key = toByteString(scan.key);
        const value = hex(scan.value);
        expect(db.get(key)).to.satisfy((got: Uint8Array | undefined) => got && hex(got) === value);
        expect(probe.seek(key)).to.equal(true);
        expect(hex(probe.value)).to.equal(value);
        const behind = `${key}\0`;
        if (!probe.seek(behind) || toByteString(probe.key) !== behind) {
          expect(db.get(behind)).to.equal(undefined);
        }
      }
      db.close();
    });
  }
});
