import type { CodeTable } from './table.js';

export const SNAPSHOT_CODES = {} as const satisfies CodeTable;
