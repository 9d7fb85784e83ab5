import { IoError } from '../core/errors.js';
import { groupLocks } from './live-lock.js';

/**
 * A copy of what is being written to is none. Unlike a look, this has no way around it.
 * @throws {IoError} `source-live`
 */
export function checkNotLive(groupDir: string): void {
  const [lock] = groupLocks(groupDir);
  if (lock === undefined) return;
  const who = lock.pid === undefined ? 'a running process' : `process ${lock.pid}`;
  const message = `is locked by ${who}: stop the node, or work on a copy made while it is stopped`;
  throw new IoError('source-live', message, { site: { path: lock.path } });
}
