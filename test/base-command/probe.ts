/** The probe commands of this folder, run with and without --json. */
import { expect } from 'chai';
import { PROBE_COMMANDS, runCli, type CliOptions, type CliResult } from '../support/cli.js';

export interface Document {
  readonly formatVersion: string;
  readonly command: string;
  readonly inputs: unknown;
  readonly verdict: string | null;
  readonly exitCode: number;
  readonly findings: readonly Record<string, unknown>[];
  readonly error?: { code: string; message: string; file: string | null; offset: string | null };
  readonly result: Record<string, unknown> | null;
}

export function probe(args: string, env: CliOptions['env'] = {}): CliResult {
  return runCli(args.split(' '), { commands: PROBE_COMMANDS, env });
}

export function documentOf(run: CliResult): Document {
  return JSON.parse(run.stdout) as Document;
}

/** Runs with and without --json; both must end alike. */
export function bothWays(args: string, stderr = ''): { text: CliResult; json: Document } {
  const text = probe(args);
  const run = probe(`${args} --json`);
  const json = documentOf(run);
  expect(run.code, `${args} --json`).to.equal(text.code);
  expect(json.exitCode, `${args} exitCode field`).to.equal(text.code);
  expect(run.stderr, `${args} --json stderr`).to.equal(stderr);
  return { text, json };
}
