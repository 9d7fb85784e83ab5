import { cpSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import { findUnfinished, removeUnfinished } from '../../../src/lib/io/atomic-clean.js';
import { checkTarget, targetOf } from '../../../src/lib/io/atomic-target.js';
import { tempDir } from '../../support/fixtures.js';
import { holdAsNode } from '../../support/lock-holder.js';
import { stateOf } from './tree-state.js';
import { runWriter, smallGroup } from './writers.js';

let root: string;

async function codeOf(run: Promise<unknown>): Promise<string | undefined> {
  try {
    await run;
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
}

function copyOfRoot(): string {
  const copy = join(tempDir('copy'), 'n1');
  cpSync(root, copy, { recursive: true });
  return copy;
}

describe('write: what is refused before anything is written', () => {
  before(() => {
    root = smallGroup();
  });

  it('a target that exists: file, directory, link, even a dangling one', async () => {
    const dir = tempDir('exists');
    writeFileSync(join(dir, 'file'), 'x');
    mkdirSync(join(dir, 'dir'));
    symlinkSync('nowhere', join(dir, 'link'));
    for (const name of ['file', 'dir', 'link']) {
      const code = await codeOf(runWriter('upgrade-header', root, join(dir, name)));
      expect(code, name).to.equal('target-exists');
      expect(await codeOf(runWriter('extract-payload', root, join(dir, name)))).to.equal(
        'target-exists',
      );
    }
    expect(readdirSync(dir).sort()).to.deep.equal(['dir', 'file', 'link']);
  });

  it('a target inside the source, also by way of a link', async () => {
    const copy = copyOfRoot();
    const link = join(tempDir('link'), 'way');
    symlinkSync(copy, link);
    for (const target of [join(copy, 'out'), join(copy, 'snap', 'out'), join(link, 'out')]) {
      expect(await codeOf(runWriter('upgrade-header', copy, target))).to.equal(
        'target-inside-source',
      );
    }
    const beside = join(dirname(copy), `${basename(copy)}.new`);
    expect(await codeOf(runWriter('upgrade-header', copy, beside))).to.equal(undefined);
  });

  it('a directory to write in that is not there', async () => {
    const dir = tempDir('parent');
    writeFileSync(join(dir, 'file'), 'x');
    for (const parent of ['none', 'file']) {
      const target = join(dir, parent, 'out');
      expect(await codeOf(runWriter('restore', root, target))).to.equal('target-no-parent');
    }
  });

  it('a source that is a link, or holds one', async () => {
    const link = join(tempDir('link'), 'n1');
    symlinkSync(root, link);
    const out = join(tempDir('out'), 'out');
    for (const writer of ['upgrade-header', 'restore', 'repair-wal'] as const) {
      expect(await codeOf(runWriter(writer, link, out)), writer).to.equal('source-symlink');
    }
    const copy = copyOfRoot();
    renameSync(join(copy, 'raft-engine'), join(dirname(copy), 'elsewhere'));
    symlinkSync(join(dirname(copy), 'elsewhere'), join(copy, 'raft-engine'));
    expect(await codeOf(runWriter('upgrade-header', copy, out))).to.equal('source-symlink');
  });

  it('a live source', async () => {
    const copy = copyOfRoot();
    const segment = readdirSync(join(copy, 'wal')).find((name) => name.endsWith('.wal'));
    const holder = await holdAsNode(join(copy, 'wal', segment!), join(copy, 'fsm.db', 'LOCK'));
    try {
      for (const writer of ['upgrade-header', 'restore', 'repair-wal'] as const) {
        const out = join(tempDir('live'), 'out');
        expect(await codeOf(runWriter(writer, copy, out)), writer).to.equal('source-live');
      }
    } finally {
      await holder.release();
    }
  });
});

describe('write: what may be cleaned away', () => {
  it('nothing that was not made here', () => {
    const dir = tempDir('foreign');
    const target = targetOf(join(dir, 'out'), 'directory');
    mkdirSync(target.unfinished);
    writeFileSync(join(target.unfinished, 'precious'), 'x');
    expect(() => removeUnfinished(target))
      .to.throw()
      .with.property('code', 'target-not-recognised');
    expect(readdirSync(target.unfinished)).to.deep.equal(['precious']);
  });

  it('an empty one, and never what a link leads to', () => {
    const dir = tempDir('empty');
    const target = targetOf(join(dir, 'out'), 'directory');
    mkdirSync(join(dir, 'elsewhere'));
    writeFileSync(join(dir, 'elsewhere', 'precious'), 'x');
    mkdirSync(target.unfinished);
    expect(removeUnfinished(target)).to.deep.equal([target.unfinished]);
    mkdirSync(target.unfinished);
    writeFileSync(join(target.unfinished, 'ekv-unfinished'), '');
    symlinkSync(join(dir, 'elsewhere'), join(target.unfinished, 'link'));
    removeUnfinished(target);
    expect(stateOf(target)).to.equal('absent');
    expect(readdirSync(join(dir, 'elsewhere'))).to.deep.equal(['precious']);
    symlinkSync(join(dir, 'elsewhere'), target.unfinished);
    expect(() => removeUnfinished(target))
      .to.throw()
      .with.property('code', 'target-not-recognised');
  });

  it('a manifest without its file, but not one beside it', () => {
    const target = targetOf(join(tempDir('manifest'), 'out'), 'file');
    writeFileSync(target.manifest, '{}');
    expect(() => checkTarget(target, []))
      .to.throw()
      .with.property('code', 'target-unfinished');
    expect(findUnfinished(target)).to.deep.equal([target.manifest]);
    writeFileSync(target.path, 'x');
    expect(findUnfinished(target)).to.deep.equal([]);
  });
});
