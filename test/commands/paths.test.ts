/** However a directory is named, and whatever the file system does with names, the answer is one. */
import { expect } from 'chai';
import { cpSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { NO_PACE } from '../../src/lib/core/pace.js';
import { predictBoot } from '../../src/lib/engine/boot.js';
import { GENERATIONS } from '../../src/lib/engine/generation.js';
import type { ByteSource } from '../../src/lib/io/byte-source.js';
import type { DirEntry, DirSource } from '../../src/lib/io/dir-source.js';
import { FsDir } from '../../src/lib/io/file-source.js';
import { bootResult } from '../../src/lib/report/boot-json.js';
import { renderJson } from '../../src/lib/report/json.js';
import { runCli } from '../support/cli.js';
import { fixtureNames, tempDir, unpackFixture } from '../support/fixtures.js';

/** As NTFS and APFS do it: names keep their case, and any case finds them. */
class CaseBlindDir implements DirSource {
  readonly path: string;
  private readonly inner: DirSource;

  constructor(inner: DirSource) {
    this.inner = inner;
    this.path = inner.path;
  }

  list(): readonly DirEntry[] {
    const key = ({ name }: DirEntry): string => name.toLowerCase();
    return [...this.inner.list()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  stat(name: string): DirEntry | undefined {
    return this.inner.stat(this.onDisk(name));
  }

  open(name: string): ByteSource {
    return this.inner.open(this.onDisk(name));
  }

  dir(name: string): DirSource {
    return new CaseBlindDir(this.inner.dir(this.onDisk(name)));
  }

  private onDisk(name: string): string {
    let names: readonly DirEntry[] = [];
    try {
      names = this.inner.list();
    } catch {
      return name;
    }
    const same = names.find((entry) => entry.name.toLowerCase() === name.toLowerCase());
    return same?.name ?? name;
  }
}

async function answer(group: DirSource): Promise<string> {
  const report = await predictBoot({
    group,
    groups: [{ id: 1n, dir: group }],
    generation: GENERATIONS['snapshot-pointer'],
    raftId: 'n1',
    peers: [],
    bootstrap: false,
    guards: true,
    encryption: {
      on: false,
      sidecar: { kind: 'no-path' },
      kek: { kind: 'none' },
      sidecarPath: '',
    },
    wantDigest: true,
    onEntry: null,
    nowMs: 0n,
    pace: NO_PACE,
  });
  return renderJson(bootResult(report, null, true));
}

const SOME = fixtureNames('nodes').filter((_, i) => i % 60 === 3);

describe('paths', () => {
  for (const name of SOME) {
    it(`${name}: a file system that does not tell cases apart changes nothing`, async () => {
      const dir = join(unpackFixture('nodes', name), 'n1');
      expect(await answer(new CaseBlindDir(new FsDir(dir)))).to.equal(await answer(new FsDir(dir)));
    }).timeout(60_000);
  }

  it('relative, absolute, with dots, slashes, spaces and letters of any script', () => {
    const root = tempDir('paths');
    const odd = join(root, "ünï “code” – 数据 'a' $(x)");
    cpSync(join(unpackFixture('nodes', SOME[0]!), 'n1'), join(odd, 'n1'), { recursive: true });
    renameSync(join(odd, 'n1'), join(odd, 'n 1'));
    const ask = (path: string, cwd: string): unknown => {
      const run = runCli(['cold-start-dryrun', '--data-dir', path, '--raft-id', 'n1', '--json'], {
        cwd,
      });
      const { verdict, result } = JSON.parse(run.stdout) as { verdict: string; result: object };
      return { verdict, result, code: run.code };
    };
    const inner = join(odd, 'n 1');
    const expected = ask(inner, root);
    for (const [path, cwd] of [
      ['n 1', odd],
      ['./n 1/', odd],
      ['n 1//', odd],
      ['../n 1', inner],
      ['.', inner],
      ['..', join(inner, 'wal')],
    ] as const) {
      expect(ask(path, cwd), path).to.deep.equal(expected);
    }
  }).timeout(60_000);
});
