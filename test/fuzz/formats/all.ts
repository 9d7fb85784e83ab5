import type { Format } from '../format.js';
import { DIR_FORMATS } from './dirs.js';
import { PEBBLE_FORMATS } from './pebble.js';
import { RAFT_FORMATS } from './raft.js';
import { SNAPSHOT_FORMATS } from './snapshot.js';
import { learnTables, SSTABLE_FORMATS } from './sstable.js';
import { STATE_FORMATS } from './state.js';

export const FORMATS: readonly Format[] = [
  ...SNAPSHOT_FORMATS,
  ...RAFT_FORMATS,
  ...PEBBLE_FORMATS,
  ...SSTABLE_FORMATS,
  ...STATE_FORMATS,
  ...DIR_FORMATS,
];

const NEED_TABLES = SSTABLE_FORMATS.map(({ name }) => name);

/** The format of that name, ready to make cases. */
export async function formatNamed(name: string): Promise<Format | undefined> {
  if (NEED_TABLES.includes(name)) await learnTables();
  return FORMATS.find((format) => format.name === name);
}
