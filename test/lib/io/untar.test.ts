/** Archives written header by header: what GNU tar writes is unpacked, what would do harm is not. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { CorruptionError } from '../../../src/lib/core/errors.js';
import { untar } from '../../../src/lib/io/untar.js';
import { tempDir } from '../../support/fixtures.js';

const BLOCK = 512;

interface Member {
  readonly name: string;
  readonly type: string;
  readonly data?: Buffer;
  readonly mode?: string;
  readonly prefix?: string;
  /** Sparse: where the stored pieces go, and the file's real size. */
  readonly pieces?: readonly (readonly [offset: number, length: number])[];
  readonly realSize?: number;
}

const octal = (value: number): string => value.toString(8).padStart(11, '0');

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
}

const IN_HEADER = 4;
const IN_BLOCK = 21;

function headerOf(member: Member, length: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(member.name, 0);
  header.write(member.mode ?? '0000644', 100);
  header.write(octal(length), 124);
  header.write(octal(1_780_000_000), 136);
  header.write(member.type, 156);
  if (member.prefix !== undefined) header.write(member.prefix, 345);
  return header;
}

function memberOf(member: Member): Buffer {
  const data = member.data ?? Buffer.alloc(0);
  const header = headerOf(member, data.length);
  const pieces = member.pieces ?? [];
  const map = (block: Buffer, at: number, from: number, to: number): void => {
    pieces.slice(from, to).forEach(([offset, length], i) => {
      block.write(octal(offset), at + 24 * i);
      block.write(octal(length), at + 24 * i + 12);
    });
  };
  const extra: Buffer[] = [];
  if (member.pieces !== undefined) {
    map(header, 386, 0, IN_HEADER);
    header.write(octal(member.realSize ?? 0), 483);
    if (pieces.length > IN_HEADER) header[482] = 1;
    for (let from = IN_HEADER; from < pieces.length; from += IN_BLOCK) {
      const block = Buffer.alloc(BLOCK);
      map(block, 0, from, from + IN_BLOCK);
      if (from + IN_BLOCK < pieces.length) block[504] = 1;
      extra.push(block);
    }
  }
  return Buffer.concat([header, ...extra, padded(data)]);
}

function unpack(...members: readonly Member[]): { into: string; archive: string } {
  return unpackBytes(Buffer.concat([...members.map(memberOf), Buffer.alloc(2 * BLOCK)]));
}

function unpackBytes(tar: Buffer): { into: string; archive: string } {
  const dir = tempDir('untar');
  const archive = join(dir, 'a.tar.gz');
  const into = join(dir, 'out', 'inner');
  mkdirSync(into, { recursive: true });
  writeFileSync(archive, gzipSync(tar));
  untar(archive, into);
  return { into, archive };
}

function refusal(unpacking: () => unknown): CorruptionError {
  try {
    unpacking();
  } catch (error) {
    if (error instanceof CorruptionError) return error;
    throw error;
  }
  return expect.fail('unpacks');
}

describe('io/untar', () => {
  it('makes files and directories with their modes and times', () => {
    const { into } = unpack(
      { name: 'd', type: '5', mode: '0000755' },
      { name: 'f', type: '0', prefix: 'd', data: Buffer.from('content'), mode: '0000400' },
    );
    const stats = statSync(join(into, 'd', 'f'));
    expect(readFileSync(join(into, 'd', 'f'), 'utf8')).to.equal('content');
    expect(stats.mode & 0o777).to.equal(0o400);
    expect(stats.mtimeMs).to.equal(1_780_000_000_000);
    expect(statSync(join(into, 'd')).mode & 0o777).to.equal(0o755);
  });

  it('puts the pieces of a sparse file in their places, maps in further blocks included', () => {
    const count = IN_HEADER + IN_BLOCK + 3;
    const pieces = Array.from({ length: count }, (_, i) => [i * 1000, 2] as const);
    const data = Buffer.from(pieces.map((_, i) => String(i).padStart(2, '0')).join(''));
    const { into } = unpack(
      { name: 's', type: 'S', data, pieces, realSize: 60_000 },
      { name: 'behind', type: '0', data: Buffer.from('x') },
    );
    const bytes = readFileSync(join(into, 's'));
    const expected = Buffer.alloc(60_000);
    pieces.forEach(([offset], i) => expected.write(String(i).padStart(2, '0'), offset));
    expect(bytes.equals(expected)).to.equal(true);
    expect(readFileSync(join(into, 'behind'), 'utf8')).to.equal('x');
  });

  it('refuses names that lead out, wherever the way up stands in them', () => {
    for (const name of ['../x', '/x', 'a/../../x', '..']) {
      const error = refusal(() => unpack({ name, type: '0', data: Buffer.from('!') }));
      expect(error.code, name).to.equal('archive-unsafe-name');
      expect(error.message).to.contain(name);
    }
  });

  it('refuses links and devices, and writes nothing for them', () => {
    for (const type of ['1', '2', '3', '4', '6']) {
      const dir = tempDir('untar-links');
      const archive = join(dir, 'a.tar.gz');
      writeFileSync(archive, gzipSync(memberOf({ name: 'link', type })));
      const error = refusal(() => untar(archive, dir));
      expect(error.code).to.equal('archive-unsafe-name');
      expect(error.site?.path).to.equal(archive);
      expect(readdirSync(dir)).to.deep.equal(['a.tar.gz']);
      expect(lstatSync(archive).isFile()).to.equal(true);
    }
  });

  it('refuses an archive that ends inside a file, at the header of that file', () => {
    const sound = memberOf({ name: 'a', type: '0', data: Buffer.alloc(700, 1) });
    const cut = memberOf({ name: 'b', type: '0', data: Buffer.alloc(700, 2) });
    const error = refusal(() => unpackBytes(Buffer.concat([sound, cut.subarray(0, BLOCK + 600)])));
    expect(error.code).to.equal('truncated');
    expect(error.site?.offset).to.equal(sound.length);
  });
});
