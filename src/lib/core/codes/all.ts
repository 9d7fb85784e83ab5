import { CLI_CODES } from './cli.js';
import { COMPARE_CODES } from './compare.js';
import { ENCRYPTION_CHECK_CODES } from './encryption-check.js';
import { ENCRYPTION_KEY_CODES } from './encryption-keys.js';
import { ENCRYPTION_CODES } from './encryption.js';
import { ENGINE_CODES } from './engine.js';
import { FSM_CODES } from './fsm.js';
import { HAZARD_CODES } from './hazards.js';
import { INSPECT_CODES } from './inspect.js';
import { IO_CODES } from './io.js';
import { PEBBLE_SSTABLE_CODES } from './pebble-sstable.js';
import { PEBBLE_CODES } from './pebble.js';
import { RAFT_CODES } from './raft.js';
import { RAFT_STATE_CODES } from './raft-state.js';
import { REPLAY_CODES } from './replay.js';
import { REWRITE_CODES } from './rewrite.js';
import { SNAPSHOT_CODES } from './snapshot.js';
import { WRITE_CODES } from './write.js';

/** Every code that an error or a finding can carry. Codes are public and never renamed. */
export const CODES = {
  ...CLI_CODES,
  ...IO_CODES,
  ...PEBBLE_CODES,
  ...PEBBLE_SSTABLE_CODES,
  ...SNAPSHOT_CODES,
  ...RAFT_CODES,
  ...RAFT_STATE_CODES,
  ...FSM_CODES,
  ...ENCRYPTION_CODES,
  ...ENCRYPTION_KEY_CODES,
  ...ENCRYPTION_CHECK_CODES,
  ...ENGINE_CODES,
  ...HAZARD_CODES,
  ...WRITE_CODES,
  ...REWRITE_CODES,
  ...REPLAY_CODES,
  ...INSPECT_CODES,
  ...COMPARE_CODES,
} as const;

export type ErrorCode = keyof typeof CODES;
