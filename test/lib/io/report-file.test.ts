/** A report's file is new, whole or not there, and what large contents hash to. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { IoError } from '../../../src/lib/core/errors.js';
import { bytesPiece, filePiece, zerosPiece } from '../../../src/lib/io/atomic-content.js';
import { digestContents } from '../../../src/lib/io/atomic-digest.js';
import { UNFINISHED_SUFFIX } from '../../../src/lib/io/atomic-target.js';
import { planReportFile, writeReportFile } from '../../../src/lib/io/report-file.js';
import { tempDir } from '../../support/fixtures.js';

function madePlace(): { dir: string; source: string; shown: string } {
  const dir = tempDir('report-file');
  const source = join(dir, 'data');
  mkdirSync(source);
  return { dir, source, shown: join(dir, 'report.html') };
}

function refusal(run: () => unknown): IoError {
  try {
    run();
  } catch (error) {
    if (error instanceof IoError) return error;
    throw error;
  }
  return expect.fail('is not refused');
}

describe('io/report-file', () => {
  it('writes the text, and leaves nothing beside it', async () => {
    const { dir, source, shown } = madePlace();
    await writeReportFile(planReportFile(shown, [source]), 'täxt');
    expect(readFileSync(shown, 'utf8')).to.equal('täxt');
    expect(readdirSync(dir).sort()).to.deep.equal(['data', 'report.html']);
  });

  it('goes on where a source is not there: whoever reads it says so', () => {
    const { dir, shown } = madePlace();
    expect(planReportFile(shown, [join(dir, 'nothing')]).path).to.equal(shown);
  });

  it('refuses a name that is taken, a place inside the source, and a missing directory', () => {
    const { dir, source, shown } = madePlace();
    writeFileSync(shown, 'old');
    expect(refusal(() => planReportFile(shown, [source])).code).to.equal('target-exists');
    expect(readFileSync(shown, 'utf8')).to.equal('old');
    const inside = join(source, 'r.html');
    expect(refusal(() => planReportFile(inside, [source])).code).to.equal('target-inside-source');
    const away = join(dir, 'no', 'r.html');
    expect(refusal(() => planReportFile(away, [source])).code).to.equal('target-no-parent');
  });

  it('names what a killed run left, as the operator typed it', () => {
    const { source, shown } = madePlace();
    writeFileSync(shown + UNFINISHED_SUFFIX, 'half');
    const error = refusal(() => planReportFile(shown, [source]));
    expect(error.code).to.equal('target-unfinished');
    expect(error.site?.path).to.equal(shown + UNFINISHED_SUFFIX);
    expect(error.message).to.contain('remove it');
  });

  it('a name that is taken while the work goes on is not written over', async () => {
    const { dir, source, shown } = madePlace();
    const target = planReportFile(shown, [source]);
    writeFileSync(shown, 'another');
    const error = await writeReportFile(target, 'ours').catch((thrown: unknown) => thrown);
    expect((error as IoError).code).to.equal('target-exists');
    expect(readFileSync(shown, 'utf8')).to.equal('another');
    expect(readdirSync(dir).sort()).to.deep.equal(['data', 'report.html']);
  });

  it("another process's unfinished file stays", async () => {
    const { source, shown } = madePlace();
    const target = planReportFile(shown, [source]);
    writeFileSync(target.unfinished, 'theirs');
    const error = await writeReportFile(target, 'ours').catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(IoError);
    expect(readFileSync(target.unfinished, 'utf8')).to.equal('theirs');
  });
});

describe('io/atomic-digest', () => {
  const LARGE = 65 << 20;

  it('hashes large contents on a thread to the same as anyone else does', async () => {
    const path = join(tempDir('digest'), 'f');
    writeFileSync(path, 'abcdefgh');
    const pieces = [bytesPiece(Buffer.from('x')), zerosPiece(LARGE), filePiece(path, 2, 4)];
    const expected = createHash('sha256')
      .update('x')
      .update(Buffer.alloc(LARGE))
      .update('cdef')
      .digest('hex');
    const [large, small] = await digestContents([pieces, [bytesPiece(Buffer.from('y'))]]);
    expect(large).to.deep.equal({ size: LARGE + 5, sha256: expected });
    expect(small?.sha256).to.equal(createHash('sha256').update('y').digest('hex'));
  });

  it('ends with an error where the thread cannot read', async () => {
    const pieces = [zerosPiece(LARGE), filePiece('/nonexistent/file', 0, 4)];
    const error = await digestContents([pieces]).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(Error);
    expect((error as Error).message).to.contain('/nonexistent/file');
  });
});
