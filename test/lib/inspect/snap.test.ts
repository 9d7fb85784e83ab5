import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { readSnap } from '../../../src/lib/inspect/snap.js';
import { MemorySource, readRange } from '../../../src/lib/io/byte-source.js';
import { FileSource } from '../../../src/lib/io/file-source.js';
import { PROTO_37 } from '../../../src/lib/proto/dialect.js';
import {
  decodeSnapFile,
  encodeSnapFile,
  isSnapFailure,
} from '../../../src/lib/raft/snap/snap-file.js';
import { fixtureNames, unpackFixture } from '../../support/fixtures.js';

const MIB = 1 << 20;

function large(): Uint8Array {
  const data = new Uint8Array(9 * MIB).fill(0x5a);
  const confState = {
    voters: [3n, 5n],
    learners: [],
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: undefined,
    unknown: undefined,
  };
  return encodeSnapFile({ data, metadata: { confState, index: 77n, term: 6n } }, PROTO_37);
}

/** Reads at most a window at a time: a whole file asked for at once is a mistake. */
class Watched extends MemorySource {
  largest = 0;

  override readAt(offset: number, into: Uint8Array): number {
    this.largest = Math.max(this.largest, into.length);
    return super.readAt(offset, into);
  }
}

describe('inspect: .snap', () => {
  it('judges recorded files as the boot does', async () => {
    let files = 0;
    for (const name of fixtureNames('nodes').filter((_, i) => i % 12 === 0)) {
      const dir = join(unpackFixture('nodes', name), 'n1', 'snap');
      let names: string[] = [];
      try {
        names = readdirSync(dir);
      } catch {
        continue;
      }
      for (const file of names) {
        const source = new FileSource(join(dir, file));
        const decoded = decodeSnapFile(readRange(source, 0, source.size), PROTO_37);
        const report = await readSnap(source, file, NO_PACE);
        source.close();
        files++;
        const failed = isSnapFailure(decoded);
        expect(report.index === undefined, `${name} ${file}`).to.equal(failed);
        if (failed) continue;
        expect(report.index).to.equal(decoded.snapshot.metadata?.index ?? 0n);
        expect(report.term).to.equal(decoded.snapshot.metadata?.term ?? 0n);
        expect(report.confState?.voters).to.deep.equal(
          decoded.snapshot.metadata?.confState?.voters,
        );
        expect(report.storedCrc).to.equal(decoded.crc);
      }
    }
    expect(files).to.be.greaterThan(30);
  });

  it('passes over an inline payload without bringing it in', async () => {
    const source = new Watched('s', large());
    const name = '0000000000000006-000000000000004d.snap';
    const report = await readSnap(source, name, NO_PACE);
    expect(report.findings).to.deep.equal([]);
    expect([report.index, report.term, report.data]).to.deep.equal([77n, 6n, 'inline']);
    expect(report.confState?.voters).to.deep.equal([3n, 5n]);
    expect(report.inline?.size).to.equal(9 * MIB);
    expect(report.storedCrc).to.equal(report.computedCrc);
    expect(source.largest).to.be.at.most(MIB);
  });

  it('finds a flipped bit in a large one, at the place of the stored sum', async () => {
    const bytes = large();
    bytes[5 * MIB]! ^= 4;
    const report = await readSnap(new MemorySource('s', bytes), 'x.snap', NO_PACE);
    expect(report.findings.map(({ code, offset }) => [code, offset])).to.deep.equal([
      ['snap-crc-mismatch', 1],
    ]);
    expect(report.index).to.equal(undefined);
    expect(report.computedCrc).not.to.equal(report.storedCrc);
  });

  it('calls a large one malformed when its fields do not fill it', async () => {
    const bytes = large();
    const cut = new MemorySource('s', bytes.subarray(0, bytes.length - 1));
    const report = await readSnap(cut, 'x.snap', NO_PACE);
    expect(report.findings.map(({ code }) => code)).to.deep.equal(['snap-malformed']);
  });
});
