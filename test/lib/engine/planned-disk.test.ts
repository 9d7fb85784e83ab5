import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { PlannedDisk } from '../../../src/lib/engine/planned-disk.js';
import { MemoryDir } from '../../../src/lib/io/memory-dir.js';
import { readRange } from '../../../src/lib/io/byte-source.js';

function disk(files: Record<string, string>): PlannedDisk {
  const bytes = Object.entries(files).map(([path, text]) => [path, Buffer.from(text)] as const);
  return new PlannedDisk(new MemoryDir('node', new Map(bytes)));
}

function names(d: PlannedDisk, path: string): string[] {
  return d.list(path).map(({ name }) => name);
}

function content(d: PlannedDisk, path: string): string {
  const source = d.open(path);
  return Buffer.from(readRange(source, 0, source.size)).toString();
}

describe('engine/planned-disk', () => {
  it('shows the disk underneath while nothing has changed', () => {
    const d = disk({ 'wal/a': '1', 'snap/x': '22' });
    expect(names(d, '')).to.deep.equal(['snap', 'wal']);
    expect(content(d, 'snap/x')).to.equal('22');
    expect(d.actions).to.have.length(0);
    expect([...d.files()].every((file) => file.untouched)).to.equal(true);
  });

  it('hides what the boot deletes', () => {
    const d = disk({ 'snap/x': '22', 'snap/y': '3' });
    d.delete('snap/x', 'why', true);
    expect(names(d, 'snap')).to.deep.equal(['y']);
    expect(() => d.open('snap/x')).to.throw('no such file');
    expect(d.actions).to.deep.equal([
      { kind: 'delete', path: 'snap/x', size: 2, detail: 'why', lossy: true },
    ]);
  });

  it('moves a file with its bytes, and a directory with its files', () => {
    const d = disk({ 'snap/x': '22', 'snap/dir.snap/inner': 'abc' });
    d.rename('snap/x', 'snap/x.broken', 'renamed');
    d.rename('snap/dir.snap', 'snap/dir.snap.broken', 'renamed');
    expect(names(d, 'snap')).to.deep.equal(['dir.snap.broken', 'x.broken']);
    expect(content(d, 'snap/x.broken')).to.equal('22');
    expect(content(d, 'snap/dir.snap.broken/inner')).to.equal('abc');
  });

  it('cuts a file and keeps a copy of it from before', () => {
    const d = disk({ 'wal/a': 'abcdef' });
    d.copy('wal/a', 'wal/a.broken', 'copy');
    d.truncate('wal/a', 4, 'cut', true);
    expect(content(d, 'wal/a')).to.equal('abcd');
    expect(content(d, 'wal/a.broken')).to.equal('abcdef');
    const [cut, broken] = [...d.files('wal')];
    expect(cut?.sha256).to.equal(createHash('sha256').update('abcd').digest('hex'));
    expect(broken?.sha256).to.equal(createHash('sha256').update('abcdef').digest('hex'));
  });

  it('grows a file whose new bytes nobody needs, and still reads the old ones', () => {
    const d = disk({ 'wal/a': 'abcdef' });
    d.resize('wal/a', 10);
    expect(d.stat('wal/a')?.size).to.equal(10);
    expect(content(d, 'wal/a')).to.equal('abcdef');
    expect([...d.files('wal')][0]?.sha256).to.equal(null);
  });

  it('makes a directory where a file or another directory was', () => {
    for (const files of [{ wal: 'x' }, { 'wal/old': 'x', 'wal/deep/er': 'y' }]) {
      const d = disk(files as Record<string, string>);
      d.deleteTree('wal', 'gone', true);
      expect(d.exists('wal')).to.equal(false);
      d.makeDir('wal', 'new');
      expect(names(d, 'wal')).to.deep.equal([]);
      d.write('wal/new', Buffer.from('z'), 'written');
      expect([...d.files()].map(({ path }) => path)).to.deep.equal(['wal/new']);
    }
  });

  it('tells a file it made from one it found', () => {
    const d = disk({ a: '1' });
    d.write('b', Buffer.from('2'), 'made');
    d.rename('a', 'c', 'moved');
    expect([d.isMadeHere('b'), d.isMadeHere('c')]).to.deep.equal([true, false]);
    expect(d.actions.map(({ kind }) => kind)).to.deep.equal(['create', 'rename']);
    d.write('b', Buffer.from('3'), 'again');
    expect(d.actions.at(-1)?.kind).to.equal('rewrite');
  });
});
