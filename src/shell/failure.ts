/** Whatever was thrown, as what the operator is told: an exit status, a code, a message. */
import type { ErrorCode } from '../lib/core/codes/all.js';
import { IoError, ToolError, UsageError, type ExitCode } from '../lib/core/errors.js';
import { failureOf, type Failure } from '../lib/report/envelope.js';
import { nearest } from './nearest.js';
import { Interrupted } from './interrupt.js';

export interface Judgement {
  readonly exitCode: ExitCode;
  readonly failure: Failure;
  /** For standard error, without the program's name in front. */
  readonly lines: readonly string[];
}

/** The parts of oclif's parse errors that are read. All of them carry argv and config as well. */
interface OclifError extends Error {
  readonly oclif?: unknown;
  readonly flags?: readonly string[];
  readonly args?: readonly unknown[];
  readonly parse?: { readonly input?: { readonly flags?: Readonly<Record<string, unknown>> } };
}

// oxlint-disable-next-line no-control-regex -- ESC begins a colour code
const SGR = /\u001b\[[0-9;]*m/g;

function simpleFailure(code: ErrorCode, message: string): Failure {
  return { code, message, file: null, offset: null };
}

function cleaned(message: string): string {
  return message
    .replace(SGR, '')
    .replace(/\n?See more help with --help/g, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/(Missing required flag) ([a-z])/g, '$1 --$2')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('; ');
}

function argName(arg: unknown): string {
  const name = typeof arg === 'object' && arg !== null && 'name' in arg ? String(arg.name) : '';
  return name.toUpperCase();
}

/** oclif's wording, rid of line breaks and colours, with the flag or argument named. */
function usageOf(error: OclifError): UsageError {
  switch (error.constructor.name) {
    case 'NonExistentFlagsError': {
      const unknown = error.flags ?? [];
      const known = Object.keys(error.parse?.input?.flags ?? {}).map((name) => `--${name}`);
      const guess = unknown.length === 1 ? nearest(unknown[0] ?? '', known) : undefined;
      const hint = guess === undefined ? '' : `; did you mean ${guess}?`;
      const noun = unknown.length === 1 ? 'unknown flag' : 'unknown flags';
      return new UsageError('usage-bad-flag', `${noun} ${unknown.join(', ')}${hint}`);
    }
    case 'RequiredArgsError':
      return new UsageError(
        'usage-bad-argument',
        `missing argument ${(error.args ?? []).map(argName).join(', ')}`,
      );
    case 'UnexpectedArgsError':
      return new UsageError(
        'usage-bad-argument',
        `unexpected argument ${(error.args ?? []).map((arg) => JSON.stringify(arg)).join(', ')}`,
      );
    case 'ArgInvalidOptionError':
      return new UsageError('usage-bad-argument', cleaned(error.message));
    default:
      return new UsageError('usage-bad-flag', cleaned(error.message));
  }
}

/** A complaint that a flag's own parser raised; oclif has put the flag's name into `message` only. */
function withFlagName(error: ToolError): ToolError {
  const flag = /^Parsing (--[\w-]+)/.exec(error.message)?.[1];
  if (flag === undefined || !(error instanceof UsageError)) return error;
  return new UsageError(error.code, `${flag}: ${error.detail}`);
}

function judgeToolError(error: ToolError): Judgement {
  const failure = failureOf(error);
  const node = error.nodeError === undefined ? '' : ` (the node's error: ${error.nodeError})`;
  return { exitCode: error.exitCode, failure, lines: [`${error.message}${node}`] };
}

function judgeBug(error: unknown, debug: boolean): Judgement {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = debug && error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return {
    exitCode: 70,
    failure: simpleFailure('tool-bug', `a bug in ekv: ${what}`),
    lines: [
      `this is a bug in ekv, not a statement about the data: ${what}`,
      ...(debug ? stack : ['run again with EKV_DEBUG=1 for the stack']),
    ],
  };
}

/**
 * @param helpFor  command line whose `--help` explains the usage, e.g. `ekv inspect`
 * @param debug  show the stack of a bug
 */
export function judge(error: unknown, helpFor: string, debug: boolean): Judgement {
  if (error instanceof Interrupted) {
    return {
      exitCode: error.exitCode,
      failure: simpleFailure(error.code, error.message),
      lines: [error.message],
    };
  }
  if (error instanceof ToolError) {
    const judgement = judgeToolError(withFlagName(error));
    if (!(error instanceof UsageError)) return judgement;
    return { ...judgement, lines: [...judgement.lines, `see ${helpFor} --help`] };
  }
  if (error instanceof Error && 'oclif' in error) {
    const judgement = judgeToolError(usageOf(error));
    return { ...judgement, lines: [...judgement.lines, `see ${helpFor} --help`] };
  }
  const starved = starvation(error);
  return starved === undefined ? judgeBug(error, debug) : judgeToolError(starved);
}

/** Node itself got no descriptor or no memory from the system, while it loaded code for example. */
const STARVED: Readonly<Record<string, string>> = {
  EMFILE: 'too many open files for this process; raise ulimit -n',
  ENFILE: 'too many open files on this machine',
  ENOMEM: 'the system gives no more memory',
};

function starvation(error: unknown): IoError | undefined {
  const errno = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  const text = errno === undefined ? undefined : STARVED[errno];
  return text === undefined ? undefined : new IoError('io-failed', text, { errno, cause: error });
}
