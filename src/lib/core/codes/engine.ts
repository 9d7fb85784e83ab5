import type { CodeTable } from './table.js';

export const ENGINE_CODES = {} as const satisfies CodeTable;
