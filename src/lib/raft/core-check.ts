/**
 * What the raft core checks when it is created, in its order (spec/etcd-wal.md §6.5).
 */
import type { ConfState } from './conf-state.js';
import { Configuration, isPanic, type ConfigurationPanic } from './configuration.js';
import { isEmptyHardState, type HardState } from './hard-state.js';

export interface RaftCoreInput {
  readonly nodeId: bigint;
  /** Of the snapshot; an absent one is empty. */
  readonly confState: ConfState;
  /** `S`. */
  readonly base: bigint;
  /** `T`, or `S` without entries. */
  readonly last: bigint;
  readonly hardState: HardState;
  /** Applied floor handed to raft; 0 where none is passed. */
  readonly floor: bigint;
}

const NO_LIMIT = 0xffff_ffff_ffff_ffffn;

/** @returns the configuration in force, or the panic's text */
export function createRaftCore(input: RaftCoreInput): Configuration | ConfigurationPanic {
  const { nodeId, base, last, hardState, floor } = input;
  if (nodeId === 0n) return { panic: 'cannot use none as id' };
  if (nodeId === NO_LIMIT || nodeId === NO_LIMIT - 1n) {
    return { panic: 'cannot use local target as id' };
  }
  const configuration = Configuration.rebuild(input.confState);
  if (isPanic(configuration)) return configuration;
  const stateless = isEmptyHardState(hardState);
  const commit = stateless ? base : (hardState.commit ?? 0n);
  if (!stateless && (commit < base || commit > last)) {
    const who = nodeId.toString(16);
    return { panic: `${who} state.commit ${commit} is out of range [${base}, ${last}]` };
  }
  if (floor > 0n && (floor < base || floor > commit)) {
    const range = `[prevApplied(${base}), committed(${commit})]`;
    return { panic: `applied(${floor}) is out of range ${range}` };
  }
  return configuration;
}
