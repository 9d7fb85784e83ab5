/** Links that lead out of a directory, and what a copy says of things that are no files. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { IoError } from '../../../src/lib/core/errors.js';
import { walkTree } from '../../../src/lib/io/atomic-walk.js';
import { outsideLinks } from '../../../src/lib/io/links.js';
import { tempDir } from '../../support/fixtures.js';

function madeTree(): { root: string; outside: string } {
  const dir = tempDir('links');
  const root = join(dir, 'root');
  const outside = join(dir, 'outside');
  mkdirSync(join(root, 'wal', 'deep'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(root, 'wal', 'own'), 'x');
  return { root, outside };
}

describe('io/links', () => {
  it('names links that leave the directory, and not those within it', () => {
    const { root, outside } = madeTree();
    symlinkSync(join(root, 'wal', 'own'), join(root, 'within'));
    symlinkSync('wal', join(root, 'within-dir'));
    expect(outsideLinks(root)).to.deep.equal([]);
    symlinkSync(outside, join(root, 'wal', 'out'));
    expect(outsideLinks(root)).to.deep.equal([
      { path: join(root, 'wal', 'out'), target: outside, dangling: false },
    ]);
  });

  it('a name that only begins like the directory is outside', () => {
    const { root } = madeTree();
    mkdirSync(`${root}-2`);
    symlinkSync(`${root}-2`, join(root, 'beside'));
    expect(outsideLinks(root).map(({ target }) => target)).to.deep.equal([`${root}-2`]);
  });

  it('a link to nothing counts, with the text of the link', () => {
    const { root } = madeTree();
    symlinkSync('no/such/place', join(root, 'gone'));
    expect(outsideLinks(root)).to.deep.equal([
      { path: join(root, 'gone'), target: 'no/such/place', dangling: true },
    ]);
  });

  it('stops at the number that is asked for, in the order of names', () => {
    const { root, outside } = madeTree();
    for (const name of ['c', 'a', 'b']) symlinkSync(outside, join(root, name));
    expect(outsideLinks(root, 2).map(({ path }) => path)).to.deep.equal([
      join(root, 'a'),
      join(root, 'b'),
    ]);
  });

  it('is empty for what is not there and for what is no directory', () => {
    const { root } = madeTree();
    expect(outsideLinks(join(root, 'nowhere'))).to.deep.equal([]);
    expect(outsideLinks(join(root, 'wal', 'own'))).to.deep.equal([]);
  });
});

describe('io/atomic-walk', () => {
  function refusal(root: string): IoError {
    try {
      walkTree(root);
    } catch (error) {
      if (error instanceof IoError) return error;
      throw error;
    }
    return expect.fail('walks');
  }

  it('walks files and directories in the order of names', () => {
    const { root } = madeTree();
    expect(walkTree(root).map(({ relative, kind }) => `${kind} ${relative}`)).to.deep.equal([
      'directory wal',
      'directory wal/deep',
      'file wal/own',
    ]);
  });

  it('refuses a link and a FIFO by their paths: a copy that follows or skips is no copy', () => {
    const linked = madeTree().root;
    symlinkSync('own', join(linked, 'wal', 'link'));
    expect(refusal(linked).code).to.equal('source-symlink');
    expect(refusal(linked).site?.path).to.equal(join(linked, 'wal', 'link'));
    const { root } = madeTree();
    const fifo = join(root, 'wal', 'deep', 'fifo');
    expect(spawnSync('mkfifo', [fifo]).status).to.equal(0);
    expect(refusal(root).code).to.equal('source-special');
    expect(refusal(root).site?.path).to.equal(fifo);
  });
});
