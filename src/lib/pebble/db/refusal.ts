import { BugError, IoError, ToolError } from '../../core/errors.js';

/** Conditions that stop this reader and would not stop Pebble. */
const OURS: ReadonlySet<string> = new Set(['limit-exceeded', 'pebble-wal-elsewhere']);
/** No database is no refusal: Pebble creates one. */
const CREATES = 'pebble-no-database';

/**
 * What an error of `openPebble` says about Pebble itself: `refuses` to open, `creates` a new
 * database in the directory, or `unknown` where only this reader was stopped.
 */
export function pebbleOpenVerdict(error: unknown): 'refuses' | 'creates' | 'unknown' {
  if (error instanceof BugError || !(error instanceof ToolError)) return 'unknown';
  if (error.code === CREATES) return 'creates';
  return error instanceof IoError || OURS.has(error.code) ? 'unknown' : 'refuses';
}
