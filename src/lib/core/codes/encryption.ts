import type { CodeTable } from './table.js';

export const ENCRYPTION_CODES = {} as const satisfies CodeTable;
