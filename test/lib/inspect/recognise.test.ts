import { expect } from 'chai';
import fc from 'fast-check';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { concatBytes } from '../../../src/lib/bytes/write.js';
import { crc32c } from '../../../src/lib/checksum/crc32c.js';
import { recogniseDir } from '../../../src/lib/inspect/recognise-dir.js';
import { kindOfName, recogniseFile } from '../../../src/lib/inspect/recognise-file.js';
import { readSnapLayout } from '../../../src/lib/inspect/snap-layout.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { FsDir } from '../../../src/lib/io/file-source.js';
import { PROTO_36, PROTO_37 } from '../../../src/lib/proto/dialect.js';
import { encodeSnapFile } from '../../../src/lib/raft/snap/snap-file.js';
import { encodeFooter } from '../../../src/lib/snapshot/fsm-file.js';
import { encodeSnapshotHeader } from '../../../src/lib/snapshot/header.js';
import { encodeToken } from '../../../src/lib/snapshot/token.js';
import { tempDir } from '../../support/fixtures.js';

const V1 = encodeSnapshotHeader({
  form: 'v1',
  ceilingMs: 1_780_000_000_000n,
  cutover: 0n,
  extension: new Uint8Array(0),
});
const BARE = concatBytes(V1, Buffer.from('EKVPBBL1'), new Uint8Array(8));
const CONTAINER = concatBytes(BARE, encodeFooter(crc32c(BARE)));
const SNAP = encodeSnapFile(
  {
    data: encodeToken({ index: 83n, crc: 0xcbf43926 }),
    metadata: { confState: undefined, index: 83n, term: 2n },
  },
  PROTO_37,
);

function kindOf(bytes: Uint8Array, name: string): string | undefined {
  const found = recogniseFile(new MemorySource(name, bytes), name);
  return found && `${found.kind} by ${found.by}${found.nameSays ? ` not ${found.nameSays}` : ''}`;
}

describe('inspect: recognition of files', () => {
  it('goes by the bytes, whatever the name', () => {
    const magic = (text: string): Uint8Array => concatBytes(Buffer.from(text), new Uint8Array(20));
    const segment = Buffer.from('04000000000000840804100000000000', 'hex');
    const cases: [Uint8Array, string][] = [
      [CONTAINER, 'fsm-file'],
      [BARE, 'payload-file'],
      [SNAP, 'snap-file'],
      [segment, 'wal-segment'],
      [magic('EKVP'), 'peers-file'],
      [magic('EKVR'), 'legacy-state'],
      [magic('EKVM'), 'legacy-meta'],
      [magic('EKVW'), 'legacy-entries'],
      [Buffer.from('{ "version": 2, "raft_applied_index": 3 }'), 'sidecar'],
      [Buffer.from(`${'00'.repeat(60)}f09faab3f09faab3`, 'hex'), 'pebble-table'],
      [Buffer.from(`${'00'.repeat(60)}f09faab3f09fa680`, 'hex'), 'pebble-blob'],
    ];
    for (const [bytes, kind] of cases) {
      expect(kindOf(bytes, 'copy-of-something'), kind).to.equal(`${kind} by content`);
    }
  });

  it('says so where the name means something else', () => {
    expect(kindOf(SNAP, '0000000000000053.fsm')).to.equal('snap-file by content not fsm-file');
  });

  it('lets the name decide over a damaged container and over one without magic', () => {
    const damaged = Uint8Array.from(CONTAINER);
    damaged[20]! ^= 1;
    expect(kindOf(damaged, '53.fsm')).to.equal('fsm-file by content');
    expect(kindOf(new Uint8Array(4), '53.fsm')).to.equal('fsm-file by name');
    expect(kindOf(new Uint8Array(0), '53.snap')).to.equal('snap-file by name');
  });

  it('knows no name and no bytes of a key', () => {
    expect(kindOfName('kek.bin')).to.equal(undefined);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        // The magic numbers and forms above need not be excluded: chance does not make them.
        expect(kindOf(key, 'kek.bin')).to.equal(undefined);
      }),
    );
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        recogniseFile(new MemorySource('x', bytes), 'x');
      }),
    );
  });
});

describe('inspect: layout of a .snap', () => {
  it('is that of every writer, and of nothing shorter or longer', () => {
    for (const dialect of [PROTO_36, PROTO_37]) {
      const bytes = encodeSnapFile(
        {
          data: new Uint8Array(300).fill(7),
          metadata: { confState: undefined, index: 5n, term: 1n },
        },
        dialect,
      );
      const layout = readSnapLayout(new MemorySource('s', bytes));
      expect(layout?.data?.length).to.equal(300);
      expect(layout?.crc).to.equal(crc32c(bytes.subarray(layout!.offset)));
      for (let cut = 0; cut < bytes.length; cut++) {
        expect(readSnapLayout(new MemorySource('s', bytes.subarray(0, cut)))).to.equal(undefined);
      }
      const longer = concatBytes(bytes, new Uint8Array(1));
      expect(readSnapLayout(new MemorySource('s', longer))).to.equal(undefined);
    }
  });
});

describe('inspect: recognition of directories', () => {
  const cases: [readonly string[], string, string | undefined][] = [
    [['marker.manifest.000001.MANIFEST-000001'], 'x', 'pebble-dir'],
    [['000004.sst'], 'x', 'pebble-dir'],
    [['wal/'], 'x', 'group-dir'],
    [['raft.db'], 'x', 'group-dir'],
    [['0000000000000000-0000000000000000.wal'], 'x', 'wal-dir'],
    [['0000000000000001-0000000000000001.snap'], 'x', 'snapshot-files'],
    [['n1/group-1/wal/'], 'x', 'data-dir'],
    [[], 'wal', 'wal-dir'],
    [[], 'x', undefined],
    [['README'], 'x', undefined],
  ];
  for (const [names, own, kind] of cases) {
    it(`${names.join(', ') || 'nothing'} in ${own}/: ${kind ?? 'unknown'}`, () => {
      const root = join(tempDir('recognise'), own);
      mkdirSync(root);
      for (const name of names) {
        if (name.endsWith('/')) mkdirSync(join(root, name), { recursive: true });
        else writeFileSync(join(root, name), '');
      }
      expect(recogniseDir(new FsDir(root))?.kind).to.equal(kind);
    });
  }
});
