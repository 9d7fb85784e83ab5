/**
 * Makes calls of `node:fs` fail below `src/lib/io`: the builtin's own functions are replaced for as
 * long as the work takes, in every module that has imported them.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** An errno, or `short`: a read gives less than was asked for. */
export type Fault = 'EIO' | 'EINTR' | 'EMFILE' | 'EACCES' | 'ENOENT' | 'short';

const CALLS = [
  'openSync',
  'fstatSync',
  'readSync',
  'readdirSync',
  'statSync',
  'closeSync',
] as const;
export type FsCall = (typeof CALLS)[number];

export interface FsTally {
  /** Calls seen, failed ones included. */
  calls: number;
  injected: number;
}

type AnyCall = (...args: unknown[]) => unknown;

function failure(call: string, errno: string): Error {
  return Object.assign(new Error(`${errno}: injected, ${call}`), { code: errno, syscall: call });
}

/** One byte, wherever the caller wanted more. */
function shortened(args: readonly unknown[]): unknown[] {
  const [fd, buffer, offset, length, position] = args;
  return [fd, buffer, offset, Math.min(Number(length), 1), position];
}

/**
 * Runs `work` with calls that fail.
 * @param plan says, for the n-th call from 0 on, what happens to it
 */
export async function withFaults<T>(
  plan: (n: number, call: FsCall) => Fault | undefined,
  work: () => Promise<T>,
): Promise<{ result: T | undefined; error: unknown; tally: FsTally }> {
  const table = fs as unknown as Record<FsCall, AnyCall>;
  const own = Object.fromEntries(CALLS.map((call) => [call, table[call]])) as Record<
    FsCall,
    AnyCall
  >;
  const tally: FsTally = { calls: 0, injected: 0 };
  for (const call of CALLS) {
    table[call] = function faulty(...args: unknown[]): unknown {
      const fault = plan(tally.calls++, call);
      if (fault === undefined) return own[call](...args);
      tally.injected++;
      if (fault === 'short') {
        return call === 'readSync' ? own[call](...shortened(args)) : own[call](...args);
      }
      // A close that fails has closed the file all the same.
      if (call === 'closeSync') own[call](...args);
      throw failure(call, fault);
    };
  }
  syncBuiltinESMExports();
  try {
    return { result: await work(), error: undefined, tally };
  } catch (error) {
    return { result: undefined, error, tally };
  } finally {
    Object.assign(table, own);
    syncBuiltinESMExports();
  }
}
