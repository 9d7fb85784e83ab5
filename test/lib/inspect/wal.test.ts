/** The pass of `inspect` and `verify-crc` against the readers of the boot, over recorded logs. */
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { inspectWalDir } from '../../../src/lib/inspect/wal.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { FsDir } from '../../../src/lib/io/file-source.js';
import { MemoryDir } from '../../../src/lib/io/memory-dir.js';
import { PROTO_37 } from '../../../src/lib/proto/dialect.js';
import { passWal } from '../../../src/lib/inspect/wal-pass.js';
import { withSegments } from '../../../src/lib/raft/wal/open-segments.js';
import { listWal } from '../../../src/lib/raft/wal/segment-name.js';
import { scanSnapshots } from '../../../src/lib/raft/wal/snapshot-scan.js';
import { fixtureNames, unpackFixture } from '../../support/fixtures.js';

describe('inspect: WAL', function () {
  this.timeout(120_000);

  it('ends where the node ends, with its hard state and its snapshot records', async () => {
    const kinds = new Set<string>();
    let logs = 0;
    // Every eighth, and all that damage to the log was done to.
    const names = fixtureNames('nodes').filter((name, i) => i % 8 === 0 || name.includes('wal'));
    for (const name of names) {
      const path = join(unpackFixture('nodes', name), 'n1', 'wal');
      if (!existsSync(path)) continue;
      const dir = new FsDir(path);
      let segments;
      try {
        ({ segments } = listWal(dir));
      } catch {
        continue;
      }
      const report = await inspectWalDir(dir, NO_PACE);
      // Of a log with a hole the node sees one side only.
      if (segments.length === 0 || report.findings.some((f) => f.code === 'wal-sequence-gap')) {
        continue;
      }
      const scan = withSegments(dir, segments, (open) => scanSnapshots(open, PROTO_37));
      // Messages that this pass reads and that scan does not may end it sooner.
      if (report.end?.kind !== 'corrupt' || scan.end.kind === 'corrupt') {
        expect(report.end, name).to.deep.equal(scan.end);
        expect(report.last?.hardState, name).to.deep.equal(scan.hardState);
        expect(report.last?.snapshotCount, name).to.equal(scan.all.length);
      }
      for (const { size, goodBytes, rest } of report.segments) {
        expect(goodBytes + (rest?.bytes ?? 0), name).to.equal(size);
      }
      kinds.add(report.end?.kind ?? 'none');
      logs++;
    }
    expect(logs).to.be.greaterThan(60);
    expect([...kinds]).to.include.members(['preallocated', 'torn', 'corrupt']);
  });

  it('says that a directory without segments is one', async () => {
    const dir = new MemoryDir('wal', new Map([['0.tmp', new Uint8Array(4)]]));
    const { findings, others } = await inspectWalDir(dir, NO_PACE);
    expect(findings.map(({ code }) => code)).to.deep.equal(['wal-no-segment']);
    expect(others).to.deep.equal(['0.tmp']);
  });

  it('calls a lone file of rubbish damaged, not torn', async () => {
    const source = new MemorySource('x.wal', Buffer.from('abcdefghijk'));
    const options = { dialect: PROTO_37, pace: NO_PACE, whole: false, fileOf: () => 'x.wal' };
    const { findings } = await passWal([{ name: 'x.wal', source }], options);
    expect(findings.map(({ code, severity }) => [code, severity])).to.deep.equal([
      ['wal-torn', 'error'],
    ]);
  });
});
