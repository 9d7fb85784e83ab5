/**
 * Every recorded node: each byte in the books, and whatever checksum the node itself found wrong is
 * found here too.
 */
import { expect } from 'chai';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { FsDir } from '../../../src/lib/io/file-source.js';
import { exitStatus } from '../../../src/lib/report/exit-status.js';
import { verifyTree, type TreeReport } from '../../../src/lib/verify/verify-tree.js';
import { dropFixture, fixtureNames, readExpect, unpackFixture } from '../../support/fixtures.js';

interface Recorded {
  readonly outcomes: Readonly<
    Record<string, { openError?: { names?: readonly string[] }; crash?: string }>
  >;
}

/** Names that stand for bytes a verification sees; a missing file can be one of another name. */
const OF_BYTES = [
  'ErrFSMSnapshotFileCRC',
  'ErrFSMSnapshotTokenCRC',
  'ErrFSMSnapshotTooSmall',
  'ErrFSMSnapshotTokenInvalid',
  'ErrSnapshotHeaderUnknownMagic',
  'ErrSnapshotHeaderInvalidLength',
  'ErrInvalidChecksum',
  'ErrValueTooLarge',
  'ErrSnapshotKeyTooLarge',
];

function bytesBelow(dir: string): bigint {
  let sum = 0n;
  for (const name of readdirSync(dir)) {
    const stats = statSync(join(dir, name));
    if (stats.isDirectory()) sum += bytesBelow(join(dir, name));
    else if (stats.isFile()) sum += BigInt(stats.size);
  }
  return sum;
}

async function verify(root: string): Promise<TreeReport> {
  return verifyTree(new FsDir(root), { pace: NO_PACE, phase: () => undefined });
}

describe('verify-crc: recorded nodes', function () {
  this.timeout(600_000);

  it('accounts for every byte, and finds what the node found', async () => {
    let damaged = 0;
    let nodes = 0;
    for (const name of fixtureNames('nodes')) {
      const root = unpackFixture('nodes', name);
      const report = await verify(root);
      const { there, checked, skipped, unreadable } = report.bytes;
      expect(BigInt(there), name).to.equal(bytesBelow(root));
      expect(checked + skipped + unreadable, name).to.equal(there);
      const { outcomes } = readExpect('nodes', name) as Recorded;
      const errors = Object.values(outcomes).flatMap((each) => each.openError?.names ?? []);
      const status = exitStatus(report.findings, report.refused ? [4] : []);
      if (errors.some((error) => OF_BYTES.includes(error))) {
        damaged++;
        expect(status, `${name}: ${errors.join(' ')}`).to.equal(2);
      }
      for (const { stage, status: outcome, file } of report.checks) {
        if (outcome !== 'damaged') continue;
        const isSaid = report.findings.some(({ severity }) => severity === 'error');
        expect(isSaid, `${name}: ${stage} ${file} is damaged and no finding says so`).to.equal(
          true,
        );
      }
      nodes++;
      dropFixture('nodes', name);
    }
    expect(nodes).to.be.greaterThan(500);
    expect(damaged).to.be.greaterThan(50);
  });

  it('is sound on nodes of the guard fixtures', async () => {
    for (const name of fixtureNames('guards')) {
      const report = await verify(join(unpackFixture('guards', name), 'data'));
      expect(report.findings.filter(({ severity }) => severity === 'error')).to.deep.equal([]);
      expect(report.bytes.unreadable, name).to.equal(0);
      expect(report.bytes.checked, name).to.be.greaterThan(10_000);
    }
  });
});
