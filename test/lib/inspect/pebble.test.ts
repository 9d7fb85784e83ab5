import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inspectPebble } from '../../../src/lib/inspect/pebble.js';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { FsDir } from '../../../src/lib/io/file-source.js';
import { fixtureNames, readExpect, unpackFixture } from '../../support/fixtures.js';

interface Expect {
  /** Null where there are none. */
  readonly pointsSha256: string | null;
  readonly points: number;
}

function databaseIn(dir: string): string {
  const names = readdirSync(dir);
  return names.some((name) => name.startsWith('marker.')) ? dir : join(dir, names[0]!);
}

describe('inspect: any Pebble directory', () => {
  const names = fixtureNames('pebble');

  it('there are fourteen recorded databases', () => {
    expect(names.length).to.equal(14);
  });

  for (const name of names) {
    it(`${name}: digest and number of keys are those of Pebble itself`, async () => {
      const expected = readExpect('pebble', name) as Expect;
      const dir = new FsDir(databaseIn(unpackFixture('pebble', name)));
      const { report, findings } = await inspectPebble(dir, { digest: true, pace: NO_PACE });
      expect(findings.filter(({ severity }) => severity === 'error')).to.deep.equal([]);
      const empty = createHash('sha256').digest('hex');
      expect(report!.scan.digest!.sha256).to.equal(expected.pointsSha256 ?? empty);
      expect(report!.scan.digest!.keys).to.equal(Number(expected.points));
      expect(report!.scan.rows!.pairs).to.equal(Number(expected.points));
    });
  }
});
