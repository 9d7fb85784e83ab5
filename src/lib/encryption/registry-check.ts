/** The writer registry against itself and the sidecar, for `ekv encryption check`. */
import type { Finding } from '../core/finding.js';
import { Fault } from '../mvcc/fault.js';
import { nodeId16Of } from './nonce.js';
import type { Sidecar } from './sidecar.js';
import { decodeRegistryKey, decodeRegistryRow, type RegistryRow } from './writer-registry.js';

export interface RegistryEntry extends RegistryRow {
  readonly dekId: number;
  readonly nodeId16: number;
}

export interface RegistryCheck {
  /** Rows that decode, in the order given. */
  readonly entries: readonly RegistryEntry[];
  readonly findings: readonly Finding[];
}

/**
 * @param rows raw pairs of `fsm.db`; what is not a registry row is passed over
 * @param fullNodeId of the node whose sidecar it is, where known: its own epochs are compared
 */
export function verifyRegistry(
  rows: Iterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>,
  sidecar: Sidecar | undefined,
  fullNodeId: bigint | undefined,
): RegistryCheck {
  const entries: RegistryEntry[] = [];
  const findings: Finding[] = [];
  for (const { key, value } of rows) {
    const at = decodeRegistryKey(key);
    if (at === undefined) continue;
    const name = `registry row of key ${at.dekId}, node ${at.nodeId16}`;
    const row = decodeRegistryRow(value);
    if (row instanceof Fault) {
      findings.push({
        code: row.code,
        severity: 'error',
        message: `${name}: ${row.text}`,
        nodeError: row.names[0],
      });
      continue;
    }
    const entry = { ...at, ...row };
    entries.push(entry);
    findings.push(...judgeEntry(entry, name), ...againstSidecar(entry, name, sidecar, fullNodeId));
  }
  return { entries, findings };
}

function judgeEntry(entry: RegistryEntry, name: string): readonly Finding[] {
  const findings: Finding[] = [];
  if (nodeId16Of(entry.fullNodeId) !== entry.nodeId16) {
    const message = `${name} holds node ${entry.fullNodeId}, whose 16 bits are others`;
    findings.push({ code: 'registry-node-id-mismatch', severity: 'error', message });
  }
  if (entry.firstSeenEpoch > entry.lastSeenEpoch) {
    const { firstSeenEpoch: first, lastSeenEpoch: last } = entry;
    const message = `${name}: first seen epoch ${first} above last seen ${last}`;
    findings.push({ code: 'registry-epoch-order', severity: 'error', message });
  }
  return findings;
}

function againstSidecar(
  entry: RegistryEntry,
  name: string,
  sidecar: Sidecar | undefined,
  fullNodeId: bigint | undefined,
): readonly Finding[] {
  if (sidecar === undefined) return [];
  const key = sidecar.keys.get(String(entry.dekId));
  if (key === undefined) {
    const message = `${name}: the sidecar does not have this key`;
    return [{ code: 'registry-unknown-key', severity: 'warning', message }];
  }
  if (entry.fullNodeId !== fullNodeId || entry.lastSeenEpoch <= key.localEpoch) return [];
  const active = sidecar.active[key.purpose] === key.id;
  return [
    {
      code: 'registry-epoch-ahead',
      severity: active ? 'error' : 'note',
      message: `${name}: last seen epoch ${entry.lastSeenEpoch}, the sidecar has ${key.localEpoch}`,
      nodeError: active ? 'ErrLocalEpochRollback' : undefined,
    },
  ];
}
