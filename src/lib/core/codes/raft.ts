import type { CodeTable } from './table.js';

export const RAFT_CODES = {} as const satisfies CodeTable;
