/** The program's beginning and end around oclif: environment, errors outside commands, the exit. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './lib/core/errors.js';
import { envelope, summaryRecord } from './lib/report/envelope.js';
import { renderJson, renderJsonLine } from './lib/report/json.js';
import { judge } from './shell/failure.js';
import { nearest } from './shell/nearest.js';
import { PipeClosed } from './shell/out-stream.js';
import { openSession, type Session } from './shell/session.js';

/** The parts of oclif's Config that are read here. */
interface CommandList {
  readonly bin: string;
  readonly version: string;
  readonly commandIDs: readonly string[];
}

/** Variables that would make oclif behave otherwise than the contract says. */
function neutralise(env: NodeJS.ProcessEnv): void {
  delete env['EKV_CONTENT_TYPE'];
  // FORCE_COLOR would win over NO_COLOR, with a warning of Node's on top.
  if ((env['NO_COLOR'] ?? '') !== '') delete env['FORCE_COLOR'];
  // Under `test` or `development` oclif looks for TypeScript sources.
  env['NODE_ENV'] = 'production';
  const oclif = (globalThis as { oclif?: object }).oclif;
  Object.assign(globalThis, { oclif: { ...oclif, enableAutoTranspile: false } });
}

/** What is wrong with words that name no command. */
function unknownCommand(argv: readonly string[], list: CommandList): UsageError {
  const words = commandWords(argv);
  if (words.length === 0) {
    const first = JSON.stringify(argv[0] ?? '');
    return new UsageError('usage-bad-flag', `the command comes first, found ${first}`);
  }
  const known = list.commandIDs.map((id) => id.replaceAll(':', ' '));
  for (let n = words.length; n > 0; n--) {
    const command = words.slice(0, n).join(' ');
    const stray = words[n];
    if (!known.includes(command)) continue;
    if (stray === undefined) break;
    return new UsageError(
      'usage-bad-argument',
      `unexpected argument ${JSON.stringify(stray)} after ${list.bin} ${command}`,
    );
  }
  const typed = words.join(' ');
  const guess = nearest(typed, known);
  const hint = guess === undefined ? '' : `; did you mean ${list.bin} ${guess}?`;
  return new UsageError(
    'usage-unknown-command',
    `there is no command ${JSON.stringify(typed)}${hint}`,
  );
}

/** The words in front of the first flag, without oclif's separators. */
function commandWords(argv: readonly string[]): string[] {
  const end = argv.findIndex((word) => word.startsWith('-'));
  const words = (end < 0 ? argv : argv.slice(0, end)).flatMap((word) => word.split(':'));
  return words[0] === 'help' ? words.slice(1) : words;
}

/** An error that no command has taken: an unknown command, a broken `help` request, a bug. */
async function settle(
  error: unknown,
  argv: readonly string[],
  root: string,
  session: Session,
): Promise<void> {
  if (error instanceof PipeClosed) return;
  const { Config } = await import('@oclif/core');
  const list: CommandList = await Config.load({ root });
  const notFound = error instanceof Error && /^command .* not found\.?$/i.test(error.message);
  const cause = notFound ? unknownCommand(argv, list) : error;
  const { exitCode, failure, lines } = judge(cause, list.bin, process.env['EKV_DEBUG'] === '1');
  process.exitCode = exitCode;
  if (session.mode === 'text') {
    session.complain(lines.map((line, i) => (i === 0 ? `${list.bin}: ${line}` : `  ${line}`)));
    return;
  }
  const head = {
    tool: { name: list.bin, version: list.version },
    command: commandWords(argv).join(' '),
    inputs: [],
    verdict: null,
    exitCode,
    findings: [],
    error: failure,
  };
  const json = session.mode === 'json';
  await session.out.writeAll(
    json ? renderJson(envelope(head, null)) : renderJsonLine(summaryRecord(head)),
  );
}

/** What oclif says to `--version`, without loading it: that would take four times as long. */
function versionLine(root: string): string {
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
  };
  const { platform, arch, version } = process;
  return `${pjson.name}/${pjson.version} ${platform}-${arch} node-${version}`;
}

/**
 * Runs the command line and ends the process.
 * @param root  directory of the package.json that names the commands
 */
export async function main(root: string, argv = process.argv.slice(2)): Promise<never> {
  neutralise(process.env);
  const session = openSession(argv);
  session.interrupt.listen();
  const crash = (error: unknown): void => {
    const { exitCode, lines } = judge(error, 'ekv', process.env['EKV_DEBUG'] === '1');
    session.complain(lines);
    process.exit(exitCode);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  try {
    if (argv.length === 1 && argv[0] === '--version') {
      await session.out.writeAll(`${versionLine(root)}\n`);
    } else {
      const { run } = await import('@oclif/core');
      session.out.claim();
      await run(argv, { root });
    }
  } catch (error) {
    try {
      await settle(error, argv, root, session);
    } catch (again) {
      if (!(again instanceof PipeClosed)) crash(again);
    }
  }
  await session.close();
  process.exit(process.exitCode ?? 0);
}
