/** What the operating system refuses: a clear error, and nothing under the target's name. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { IoError } from '../../../src/lib/core/errors.js';
import type { FileOperation, OperationKind } from '../../../src/lib/io/atomic-ops.js';
import { targetOf } from '../../../src/lib/io/atomic-target.js';
import { tempDir } from '../../support/fixtures.js';
import { digestOfTree, stateOf } from './tree-state.js';
import { kindOf, runWriter, smallGroup, WRITERS, type WriterName } from './writers.js';

let root: string;
let digestBefore: string;

interface Fault {
  readonly errno: string;
  readonly code: string;
  readonly kinds: readonly OperationKind[];
}

const MAKING: readonly OperationKind[] = ['mkdir', 'create', 'link', 'rename'];

const FAULTS: readonly Fault[] = [
  { errno: 'ENOSPC', code: 'write-no-space', kinds: [...MAKING, 'write', 'fsync'] },
  { errno: 'EDQUOT', code: 'write-quota', kinds: ['create', 'write', 'fsync'] },
  { errno: 'EROFS', code: 'write-read-only', kinds: MAKING },
  { errno: 'EACCES', code: 'write-permission', kinds: MAKING },
  { errno: 'ENOENT', code: 'write-vanished', kinds: [...MAKING, 'fsync-dir'] },
  { errno: 'EIO', code: 'write-failed', kinds: ['write', 'fsync', 'fsync-dir', 'close'] },
];

function errnoError(errno: string): Error {
  return Object.assign(new Error(errno), { code: errno });
}

async function failureOf(
  writer: WriterName,
  output: string,
  hook?: (operation: FileOperation) => void,
): Promise<unknown> {
  try {
    await runWriter(writer, root, output, hook);
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Of each kind the first, the middle and the last operation. */
async function operationsOf(writer: WriterName): Promise<Map<OperationKind, number[]>> {
  const found = new Map<OperationKind, number[]>();
  await runWriter(writer, root, join(tempDir('ops'), 'out'), ({ kind, nth }) => {
    found.set(kind, [...(found.get(kind) ?? []), nth]);
  });
  for (const [kind, all] of found) {
    const picked = [all[0]!, all[all.length >> 1]!, all.at(-1)!];
    found.set(kind, [...new Set(picked)]);
  }
  return found;
}

describe('writers: refused by the operating system', () => {
  before(() => {
    root = smallGroup();
    digestBefore = digestOfTree(root);
  });

  after(() => {
    expect(digestOfTree(root)).to.equal(digestBefore);
  });

  for (const writer of WRITERS) {
    it(`${writer}: each kind of failure at each kind of operation`, async () => {
      const operations = await operationsOf(writer);
      let tried = 0;
      for (const { errno, code, kinds } of FAULTS) {
        for (const point of kinds.flatMap((kind) => operations.get(kind) ?? [])) {
          const parent = tempDir('fault');
          const target = targetOf(join(parent, 'out'), kindOf(writer));
          const error = await failureOf(writer, target.path, ({ nth }) => {
            if (nth === point) throw errnoError(errno);
          });
          // Durability of the very last name is all that can still fail once it is there.
          const there = stateOf(target);
          expect(error, `${errno} at ${point}`).to.be.instanceOf(IoError);
          expect((error as IoError).code, `${errno} at ${point}`).to.equal(code);
          expect((error as IoError).site?.path).to.contain(parent);
          if (there !== 'complete') expect(readdirSync(parent), `at ${point}`).to.deep.equal([]);
          rmSync(parent, { recursive: true });
          tried++;
        }
      }
      expect(tried).to.be.at.least(20);
    });
  }

  it('a link that is not possible becomes a copy', async () => {
    for (const errno of ['EXDEV', 'EPERM', 'EMLINK', 'EOPNOTSUPP']) {
      for (const writer of ['upgrade-header', 'extract-payload'] as const) {
        const target = targetOf(join(tempDir('link'), 'out'), kindOf(writer));
        let links = 0;
        const error = await failureOf(writer, target.path, ({ kind }) => {
          if (kind !== 'link') return;
          links++;
          throw errnoError(errno);
        });
        expect(error).to.equal(undefined);
        expect(links).to.be.at.least(1);
        expect(stateOf(target)).to.equal('complete');
      }
    }
  });

  it('a target that appears meanwhile is left alone', async () => {
    for (const writer of WRITERS) {
      const target = targetOf(join(tempDir('race'), 'out'), kindOf(writer));
      let made = false;
      const error = await failureOf(writer, target.path, ({ kind }) => {
        if (made || kind !== 'fsync-dir' || writer.endsWith('payload')) return;
        made = true;
        mkdirSync(target.path);
        writeFileSync(join(target.path, 'theirs'), 'x');
      });
      if (!made) continue;
      expect(error).to.have.property('code', 'target-exists');
      expect(readdirSync(target.path)).to.deep.equal(['theirs']);
      expect(readdirSync(target.parent)).to.deep.equal(['out']);
    }
  });

  it('a file that appears meanwhile is left alone', async () => {
    const target = targetOf(join(tempDir('race'), 'out'), 'file');
    const error = await failureOf('extract-payload', target.path, ({ kind }) => {
      if (kind === 'link') writeFileSync(target.path, 'theirs');
    });
    expect(error).to.have.property('code', 'target-exists');
    expect(readdirSync(target.parent)).to.include('out');
  });

  it('a source that changes meanwhile gives nothing', async () => {
    const own = smallGroup();
    const target = targetOf(join(tempDir('change'), 'out'), 'directory');
    let error: unknown;
    try {
      await runWriter('upgrade-header', own, target.path, ({ nth }) => {
        if (nth === 50) writeFileSync(join(own, 'raft-engine'), 'etcd \n');
      });
    } catch (caught) {
      error = caught;
    }
    expect(['source-changed', 'io-changed', 'target-verify-failed']).to.include(
      (error as IoError).code,
    );
    expect(readdirSync(target.parent)).to.deep.equal([]);
  });

  it('what is read back differently is not called done', async () => {
    for (const writer of ['restore', 'extract-payload'] as const) {
      const target = targetOf(join(tempDir('flip'), 'out'), kindOf(writer));
      const error = await failureOf(writer, target.path, ({ kind, path }) => {
        // The file is complete and goes to the disk: now a bit of it changes.
        if (kind === 'fsync' && !path.includes('manifest')) writeFileSync(path, 'x');
      });
      expect(error).to.have.property('code', 'target-verify-failed');
      expect(readdirSync(target.parent)).to.deep.equal([]);
    }
  });

  it('a file system that is really full, and one that is really read-only', function () {
    const dir = tempDir('tmpfs');
    const mount = (...args: string[]): boolean => spawnSync('mount', args).status === 0;
    if (!mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir)) {
      process.stdout.write(
        '      (no right to mount a tmpfs here: only injected faults were tried)\n',
      );
      return undefined;
    }
    const work = async (): Promise<void> => {
      const full = await failureOf('restore', join(dir, 'out'));
      expect(full).to.have.property('code', 'write-no-space');
      expect(readdirSync(dir)).to.deep.equal([]);
      expect(mount('-o', 'remount,ro', dir)).to.equal(true);
      for (const writer of ['restore', 'extract-payload'] as const) {
        const error = await failureOf(writer, join(dir, 'out'));
        expect(error).to.have.property('code', 'write-read-only');
      }
    };
    return work().finally(() => spawnSync('umount', [dir]));
  });
});
