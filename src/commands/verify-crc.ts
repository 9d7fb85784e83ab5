import { Args, Flags } from '@oclif/core';
import { BaseCommand, type Outcome } from '../base-command.js';
import { UsageError } from '../lib/core/errors.js';
import type { Finding } from '../lib/core/finding.js';
import { unhex } from '../lib/bytes/hex.js';
import { DIR_KINDS, FILE_KINDS } from '../lib/inspect/kind.js';
import type { FoundToken } from '../lib/inspect/fsm.js';
import { parseFsmFileName } from '../lib/snapshot/fsm-file.js';
import { decodeSnapshotData } from '../lib/snapshot/token.js';
import { verifyJson } from '../lib/report/views/verify.js';
import { verifySections, verifyVerdict } from '../lib/report/views/verify-html.js';
import { reportFlag, ReportFile, type ReportBody } from '../shell/report-flag.js';
import { allowLiveFlag } from '../shell/live.js';
import { verifiedPage } from '../shell/verify-page.js';
import { verifyPath, type Verified } from '../shell/verify-path.js';

export default class VerifyCrc extends BaseCommand {
  static override summary = 'Compare every checksum there is, stage by stage, byte by byte.';
  static override description = [
    'A .fsm against its footer and its token, a .snap, the CRC chain of a WAL, every block of a',
    'Pebble database, the hashes of an SST bundle; or all of them in a whole data dir. It goes on',
    'after the first fault. Each byte there is counted as checked, skipped (nothing covers it) or',
    'unreadable; what could not be compared is skipped, never ok. Nothing is ever written.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> <%= command.id %> /var/lib/elastickv/n1',
    '<%= config.bin %> <%= command.id %> n1/fsm-snap/0000000000000053.fsm',
    '<%= config.bin %> <%= command.id %> 0000000000000053.fsm --token 454b5654010000000000000053cbf43926',
    '<%= config.bin %> <%= command.id %> n1/wal n1/fsm.db --json',
  ];

  static override args = {
    path: Args.string({
      description: 'What to verify; several are possible.',
      required: true,
      multiple: true,
    }),
  };

  static override flags = {
    token: Flags.string({
      summary: 'The snapshot token that a .fsm has to match: 34 hex digits.',
      helpValue: 'HEX',
      exclusive: ['crc'],
    }),
    crc: Flags.string({
      summary: 'The CRC-32C that a .fsm has to have: 8 hex digits.',
      helpValue: 'HEX',
    }),
    checks: Flags.boolean({ summary: 'List every check, those that hold as well.' }),
    as: Flags.option({
      summary: 'Read the path as this kind, whatever its bytes and name say.',
      options: [...FILE_KINDS, ...DIR_KINDS],
      helpValue: 'KIND',
    })(),
    'allow-live': allowLiveFlag,
    report: reportFlag,
  };

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(VerifyCrc);
    const paths = args.path;
    if (paths.some((path) => path === '')) {
      throw new UsageError('usage-bad-argument', 'a path must not be empty');
    }
    this.inputs.push(...paths.map((path) => ({ path, kind: 'unknown' })));
    const found = tokenOf(flags.token, flags.crc, paths);
    const report = ReportFile.plan(flags.report, paths);
    const verified: Verified[] = [];
    for (const [i, path] of paths.entries()) {
      const wishes = { found, as: flags.as, allowLive: flags['allow-live'], pace: this.pace };
      const one = await verifyPath(path, wishes);
      this.inputs[i] = { path, kind: one.kind };
      verified.push(one);
    }
    const [only] = verified;
    const findings = verified.flatMap((one) => one.findings);
    return {
      findings,
      grounds: verified.flatMap(({ grounds }) => grounds),
      result: only && verified.length === 1 ? resultOf(only) : { items: verified.map(resultOf) },
      html: report ? { file: report, body: bodyOf(paths, verified, findings) } : undefined,
      text: (page, status) => verifiedPage(page, verified, status, flags.checks),
    };
  }
}

function bodyOf(
  paths: readonly string[],
  verified: readonly Verified[],
  findings: readonly Finding[],
): ReportBody {
  return {
    inputs: paths,
    verdict: (status) => verifyVerdict(verified, status),
    sections: verifySections(verified, findings),
  };
}

function resultOf({ path, kind, report }: Verified): object {
  return { path, kind, ...verifyJson(report) };
}

/** @throws {UsageError} not of the form, more than one path, or a token of another index */
function tokenOf(
  token: string | undefined,
  crc: string | undefined,
  paths: readonly string[],
): FoundToken | undefined {
  if (token === undefined && crc === undefined) return undefined;
  if (paths.length > 1) {
    throw new UsageError('usage-bad-flag', '--token and --crc are for one .fsm, not for several');
  }
  const name = (paths[0] ?? '').split('/').at(-1) ?? '';
  const index = parseFsmFileName(name) ?? 0n;
  if (token === undefined) {
    const bytes = /^[0-9a-f]{8}$/i.test(crc ?? '') ? crc : undefined;
    if (bytes === undefined) throw new UsageError('usage-bad-flag', '--crc wants 8 hex digits');
    return { token: { index, crc: Number.parseInt(bytes, 16) }, from: '--crc' };
  }
  const data = decodeSnapshotData(unhex(token) ?? new Uint8Array(0), { path: '--token' });
  if (data.kind === 'token') {
    if (index !== 0n && data.token.index !== index) {
      const what = `it names index ${data.token.index}, the file is of index ${index}`;
      throw new UsageError('usage-bad-flag', `--token is of another snapshot: ${what}`);
    }
    return { token: data.token, from: '--token' };
  }
  const why = data.kind === 'invalid' ? data.fault.detail : 'it is 17 bytes, 454b5654 01 in front';
  throw new UsageError('usage-bad-flag', `--token is no snapshot token: ${why}`);
}
