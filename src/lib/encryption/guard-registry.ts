/** What guards 8 and 11 find in the default group's writer registry (spec/encryption.md §5, §6). */
import { Fault } from '../mvcc/fault.js';
import { refuse, type GuardGap, type GuardRefusal, type RegistryState } from './guard-inputs.js';
import { nodeId16Of } from './nonce.js';
import { decodeRegistryRow, encodeRegistryKey, type RegistryRow } from './writer-registry.js';

export type Seen =
  | { readonly kind: 'row'; readonly row: RegistryRow }
  /** No row, or no `fsm.db`. */
  | { readonly kind: 'none'; readonly why: string }
  | { readonly kind: 'refused'; readonly refusal: GuardRefusal };

/** The row of this node (by its 16-bit id) for a key; undefined, and a gap, when it is not known. */
export function seenBy(
  guard: number,
  registry: RegistryState,
  dekId: number,
  fullNodeId: bigint,
  gaps: GuardGap[],
): Seen | undefined {
  if (registry.kind === 'unknown') {
    gaps.push({ guard, needs: 'fsm.db', message: 'the writer registry' });
    return undefined;
  }
  if (registry.kind === 'absent') return { kind: 'none', why: 'fsm.db is missing' };
  const value = registry.get(encodeRegistryKey({ dekId, nodeId16: nodeId16Of(fullNodeId) }));
  if (value === undefined) {
    return { kind: 'none', why: 'the registry has no row of this node' };
  }
  const row = decodeRegistryRow(value);
  if (!(row instanceof Fault)) return { kind: 'row', row };
  return { kind: 'refused', refusal: refuse(guard, row.code, row.names, row.text) };
}

export function rollback(guard: number, message: string): GuardRefusal {
  return refuse(guard, 'local-epoch-rollback', ['ErrLocalEpochRollback'], message);
}

/** Guard 8 refuses a row of another node that shares the 16-bit id, whatever its epochs. */
export function foreignRow(
  row: RegistryRow,
  dekId: number,
  fullNodeId: bigint,
): GuardRefusal | undefined {
  if (row.fullNodeId === fullNodeId) return undefined;
  return rollback(8, `key ${dekId}: the registry row is node ${row.fullNodeId}’s, not this one’s`);
}
