import type { CodeTable } from './table.js';

export const PEBBLE_CODES = {} as const satisfies CodeTable;
