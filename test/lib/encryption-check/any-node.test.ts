/** Whatever state a node was left in: check and listing come to an end, and count the same. */
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { checkEncryption } from '../../../src/lib/encryption-check/check.js';
import { listEnvelopes } from '../../../src/lib/encryption-check/listing.js';
import { FsDir } from '../../../src/lib/io/file-source.js';
import { dropFixture, fixtureNames, unpackFixture } from '../../support/fixtures.js';
import { bootOf, encryptionOf, WITHOUT_KEYS } from './node.js';

const EVERY = 8;

describe('encryption check: any recorded node', () => {
  it('ends, and agrees with the listing on every count', async () => {
    let envelopes = 0;
    const names = fixtureNames('nodes').filter(
      (name, i) => i % EVERY === 0 || name.includes('envelope'),
    );
    for (const name of names) {
      const dir = unpackFixture('nodes', name);
      const keyed = existsSync(join(dir, 'encryption')) && existsSync(join(dir, 'kek.bin'));
      const encryption = keyed ? encryptionOf(dir) : WITHOUT_KEYS;
      const group = new FsDir(join(dir, 'n1'));
      const boot = { ...bootOf(dir, encryption), group, groups: [{ id: 1n, dir: group }] };
      const report = await checkEncryption({ boot });
      const limit = Number.MAX_SAFE_INTEGER;
      const options = { group, encryption, decrypt: false, limit, pace: NO_PACE };
      const listed = await listEnvelopes(options, () => undefined);
      dropFixture('nodes', name);
      let counted = 0;
      let failed = 0;
      for (const place of report.places) {
        const { totals } = place;
        counted += totals.encryptedRows + totals.entries + totals.relabelledRows;
        failed += place.failed + totals.relabelledRows;
      }
      expect([listed.given, listed.failed], name).to.deep.equal([counted, failed]);
      envelopes += counted;
    }
    process.stdout.write(`      ${names.length} dirs, ${envelopes} envelopes\n`);
    expect(envelopes).to.be.greaterThan(300);
  });
});
