/** What an encryption entry says, without the wrapped keys it carries. */
import { decodeEncryptionEntry } from '../encryption/wire.js';
import { Fault } from '../mvcc/fault.js';

export interface EncryptionOutline {
  readonly kind: 'registration' | 'bootstrap' | 'rotate' | 'enable-storage' | 'enable-raft';
  /** `storage`, `raft`, or both for a bootstrap. */
  readonly purpose: 'storage' | 'raft' | 'both' | null;
  readonly dekIds: readonly number[];
  /** How many writers it registers; node and epoch are those of the first. */
  readonly registrations: number;
  readonly nodeId: bigint | null;
  readonly localEpoch: number | null;
}

/** @returns null for a payload of another tag, and for one that does not decode */
export function encryptionOutline(
  tag: string | null,
  payload: Uint8Array | null,
): EncryptionOutline | null {
  if (payload === null || !(tag === 'registration' || tag === 'bootstrap' || tag === 'rotation')) {
    return null;
  }
  const entry = decodeEncryptionEntry(payload);
  if (entry instanceof Fault) return null;
  if (entry.kind === 'bootstrap') {
    const { storage, raft, registrations } = entry;
    const [first] = registrations;
    return {
      kind: entry.kind,
      purpose: 'both',
      dekIds: [storage.dekId, raft.dekId],
      registrations: registrations.length,
      nodeId: first?.fullNodeId ?? null,
      localEpoch: first?.localEpoch ?? null,
    };
  }
  const { registration } = entry;
  return {
    kind: entry.kind,
    purpose: entry.kind === 'registration' ? null : entry.purpose,
    dekIds: [entry.kind === 'registration' ? registration.dekId : entry.dek.dekId],
    registrations: 1,
    nodeId: registration.fullNodeId,
    localEpoch: registration.localEpoch,
  };
}
