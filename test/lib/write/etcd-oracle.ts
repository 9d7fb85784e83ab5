/**
 * etcd's own libraries as a judge of what we have written (`tools/etcd-oracle`). Where there is no
 * `go`, or its modules are not on this machine, `etcdOracle` says so and gives undefined; nothing is
 * downloaded. `EKV_GO_ORACLE=require` makes that a failure.
 */
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, tempDir } from '../../support/fixtures.js';

export interface OracleReading {
  readonly error: string;
  readonly state: { readonly term: string; readonly vote: string; readonly commit: string };
  readonly entries: readonly {
    readonly term: string;
    readonly index: string;
    readonly type: number;
    readonly dataHex: string;
  }[];
}

export interface OracleAnswer {
  readonly valid: readonly { readonly term: string; readonly index: string }[];
  readonly scanError: string;
  readonly snapshot: {
    readonly position: { readonly term: string; readonly index: string };
    readonly dataHex: string;
    readonly voters: readonly string[];
    readonly learners: readonly string[];
  } | null;
  readonly snapError: string;
  readonly read: OracleReading;
  readonly write: OracleReading;
}

export type EtcdOracle = (groupDir: string) => OracleAnswer;

let built: { readonly ask: EtcdOracle | undefined } | undefined;

export function etcdOracle(): EtcdOracle | undefined {
  built ??= { ask: build() };
  return built.ask;
}

function build(): EtcdOracle | undefined {
  const binary = join(tempDir('oracle'), 'etcd-oracle');
  const run = spawnSync('go', ['build', '-o', binary, '.'], {
    cwd: join(ROOT, 'tools', 'etcd-oracle'),
    env: { ...process.env, GOFLAGS: '-mod=readonly', GOPROXY: 'off', GOTOOLCHAIN: 'local' },
    encoding: 'utf8',
  });
  if (run.status === 0) return (groupDir) => ask(binary, groupDir);
  const why = run.error ? 'there is no go' : (run.stderr.trim().split('\n')[0] ?? '');
  if (process.env['EKV_GO_ORACLE'] === 'require') throw new Error(`etcd oracle: ${why}`);
  process.stdout.write(`      (etcd's library was not asked: ${why})\n`);
  return undefined;
}

/** On a copy: opening a WAL for writing changes it. */
function ask(binary: string, groupDir: string): OracleAnswer {
  const copy = join(tempDir('asked'), 'group');
  for (const part of ['wal', 'snap']) {
    cpSync(join(groupDir, part), join(copy, part), { recursive: true });
  }
  const run = spawnSync(binary, [copy], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as OracleAnswer;
}
