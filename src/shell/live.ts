/**
 * Directories that a node is writing to at this moment. Reading them gives an answer about no state
 * that ever was, so it is refused, unless it is asked for.
 */
import { Flags } from '@oclif/core';
import { IoError } from '../lib/core/errors.js';
import type { Finding } from '../lib/core/finding.js';
import type { HeldLock } from '../lib/io/live-lock.js';

export const allowLiveFlag = Flags.boolean({
  summary: 'Read a directory although a running process holds it; exit status 5 then.',
});

function holderText(locks: readonly HeldLock[]): string {
  const pids = [...new Set(locks.flatMap(({ pid }) => (pid === undefined ? [] : [pid])))];
  return pids.length === 0 ? 'a running process' : `process ${pids.join(', ')}`;
}

/**
 * @param locks what is held in the directory
 * @returns the finding that marks the answer, or none where nobody is at work there
 * @throws {IoError} `dir-live` where it was not allowed
 */
export function judgeLive(locks: readonly HeldLock[], allowed: boolean): Finding[] {
  const [first] = locks;
  if (first === undefined) return [];
  const held = `held by ${holderText(locks)}, which may be writing to the directory now`;
  if (!allowed) {
    const how = 'stop it, read a copy, or pass --allow-live for an unstable answer';
    throw new IoError('dir-live', `${held}; ${how}`, { site: { path: first.path } });
  }
  return [
    {
      code: 'dir-live',
      severity: 'error',
      file: first.path,
      message: `${held}: this answer is unstable`,
      exitCode: 5,
    },
  ];
}

export const LIVE_MARK =
  'UNSTABLE: a running process holds this directory and may be writing to it.';

/** Whether an answer is about a directory in use. */
export function isUnstable(findings: readonly Finding[]): boolean {
  return findings.some(({ code }) => code === 'dir-live');
}
