import type { CodeTable } from './table.js';

export const FSM_CODES = {} as const satisfies CodeTable;
