/** A flipped bit in a byte that counts as checked is found; what is skipped is what may hide one. */
import { expect } from 'chai';
import fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { FsDir } from '../../../src/lib/io/file-source.js';
import { Ledger } from '../../../src/lib/verify/ledger.js';
import { verifyTree, type TreeReport } from '../../../src/lib/verify/verify-tree.js';
import { fixtureNames, unpackFresh } from '../../support/fixtures.js';

async function verify(root: string): Promise<TreeReport> {
  return verifyTree(new FsDir(root), { pace: NO_PACE, phase: () => undefined });
}

describe('verify-crc: damage', function () {
  this.timeout(300_000);
  const root = unpackFresh('nodes', fixtureNames('nodes')[0]!);
  let files: readonly { file: string; from: number; length: number }[] = [];

  before(async () => {
    const report = await verify(root);
    expect(report.findings).to.deep.equal([]);
    // Checked bytes come first in the files of these forms.
    files = report.files
      .filter(({ checked, stage }) => checked > 0 && stage !== 'pebble')
      .map(({ file, checked }) => ({ file, from: 0, length: checked }));
    expect(files.length).to.be.greaterThan(3);
  });

  it('in any checked byte of .snap, .fsm and WAL is found', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(files.length - 1 < 0 ? 3 : files.length - 1),
        fc.nat(),
        fc.integer({ min: 0, max: 7 }),
        async (which, at, bit) => {
          const { file, length } = files[which % files.length]!;
          const path = join(root, file);
          const sound = readFileSync(path);
          const flipped = Buffer.from(sound);
          flipped[at % length]! ^= 1 << bit;
          // Only the changed byte is written: segments are large and sparse.
          writeFileSync(path, flipped.subarray(0, length), { flag: 'r+' });
          try {
            const report = await verify(root);
            const loud = report.findings.some(({ severity }) => severity !== 'note');
            // A record's CRC covers its data: not padding, a length's upper bits, nor its type.
            const bytes = report.files.find((sums) => sums.file === file)!;
            const hidden = bytes.stage === 'wal-chain' && isUncovered(sound, at % length);
            expect(loud || hidden, `${file} @${at % length} bit ${bit}`).to.equal(true);
            expect(bytes.checked + bytes.skipped + bytes.unreadable).to.equal(bytes.there);
          } finally {
            writeFileSync(path, sound.subarray(0, length), { flag: 'r+' });
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Type and CRC of a record, one byte of tag in front of each. */
const NO_DATA_BYTES = 2 + 6;

/** Whether the byte at `offset` is padding of a frame, in its length, a type, or where no data is. */
function isUncovered(bytes: Buffer, offset: number): boolean {
  let at = 0;
  while (at < offset) {
    const low = bytes.readUInt32LE(at);
    const high = bytes.readUInt32LE(at + 4);
    const pad = (high >>> 24) & 7;
    const end = at + 8 + low + pad;
    if (offset < at + 8 || low === 0) return true;
    if (offset < end) {
      // A record of another type can be as good as one; without data even its tags can.
      return offset >= end - pad || offset === at + 9 || low <= NO_DATA_BYTES;
    }
    at = end;
  }
  return true;
}

describe('verify-crc: the books', () => {
  it('do not close over a byte that nobody accounted for', () => {
    const ledger = new Ledger();
    ledger.account('pebble', 'a', 10, { checked: 4 });
    expect(() => ledger.report(11, [])).to.throw('4 checked');
    expect(ledger.report(10, []).bytes).to.deep.equal({
      there: 10,
      checked: 4,
      skipped: 6,
      unreadable: 0,
    });
  });

  it('take a file once, and no more bytes than it has', () => {
    const ledger = new Ledger();
    ledger.account('pebble', 'a', 10, { checked: 10 });
    expect(() => ledger.account('pebble', 'a', 10, {})).to.throw('once');
    expect(() => ledger.account('pebble', 'b', 10, { checked: 9, unreadable: 2 })).to.throw('b');
  });

  it('call a stage by its worst check, and never ok where none could run', () => {
    const ledger = new Ledger();
    ledger.check('fsm-token', 'a', 'skipped', 'no token');
    ledger.check('fsm-crc', 'a', 'ok', '');
    ledger.check('fsm-crc', 'b', 'damaged', 'bad');
    const stages = ledger.report(0, ['wal-chain']).stages;
    expect(stages.map(({ name, status }) => `${name} ${status}`)).to.deep.equal([
      'fsm-token skipped',
      'fsm-crc damaged',
      'wal-chain skipped',
    ]);
  });
});
