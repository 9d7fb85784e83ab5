/**
 * etcd's own libraries as judges of what we have written (`tools/etcd-oracle`), in both versions that
 * nodes run. Where there is no `go`, or the modules of a version are not on this machine, that is
 * said and the version is not among the judges; nothing is downloaded. `EKV_GO_ORACLE=require` makes
 * that a failure.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
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
  /** Version of the etcd library that says it. */
  readonly etcd: string;
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

export interface EtcdOracle {
  readonly version: string;
  readonly ask: (groupDir: string) => OracleAnswer;
}

/** As the module files of tools/etcd-oracle pin them. */
const VERSIONS = [
  { version: '3.6.12', flags: [] },
  { version: '3.7.0', flags: ['-modfile=etcd37.mod', '-tags=etcd37'] },
] as const;

let built: readonly EtcdOracle[] | undefined;

/** Those of the two that can be asked here. */
export function etcdOracles(): readonly EtcdOracle[] {
  built ??= VERSIONS.flatMap(({ version, flags }) => build(version, flags) ?? []);
  return built;
}

function build(version: string, flags: readonly string[]): EtcdOracle | undefined {
  const binary = join(tempDir('oracle'), `etcd-oracle-${version}`);
  const run = spawnSync('go', ['build', ...flags, '-o', binary, '.'], {
    cwd: join(ROOT, 'tools', 'etcd-oracle'),
    env: { ...process.env, GOFLAGS: '-mod=readonly', GOPROXY: 'off', GOTOOLCHAIN: 'local' },
    encoding: 'utf8',
  });
  if (run.status === 0) {
    return { version, ask: (groupDir) => ask(binary, version, groupDir) };
  }
  const why = run.error ? 'there is no go' : (run.stderr.trim().split('\n')[0] ?? '');
  if (process.env['EKV_GO_ORACLE'] === 'require') throw new Error(`etcd ${version}: ${why}`);
  process.stdout.write(`      (etcd ${version} was not asked: ${why})\n`);
  return undefined;
}

/** On a copy: opening a WAL for writing changes it. */
function ask(binary: string, version: string, groupDir: string): OracleAnswer {
  const copy = join(tempDir('asked'), 'group');
  for (const part of ['wal', 'snap']) {
    if (existsSync(join(groupDir, part)))
      cpSync(join(groupDir, part), join(copy, part), { recursive: true });
  }
  const run = spawnSync(binary, [copy], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(run.stderr);
  const answer = JSON.parse(run.stdout) as OracleAnswer;
  if (answer.etcd !== version) throw new Error(`asked etcd ${version}, heard ${answer.etcd}`);
  return answer;
}
