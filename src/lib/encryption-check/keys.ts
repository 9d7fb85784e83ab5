/**
 * The keys at hand for a check: unlike a node, which gives up at the first key that does not unwrap,
 * a check uses those that do (spec/encryption.md §1, §2, §6 guard 3).
 */
import { findingOf, type Finding } from '../core/finding.js';
import type { EncryptionInput } from '../engine/envelopes.js';
import { Keystore } from '../encryption/keystore.js';
import type { Purpose, Sidecar } from '../encryption/sidecar.js';
import { Fault } from '../mvcc/fault.js';

/** One key of the sidecar; no key material. */
export interface KeyState {
  readonly id: number;
  readonly purpose: Purpose;
  readonly active: boolean;
  readonly localEpoch: number;
  /** RFC 3339, as it stands in the file. */
  readonly created: string;
  /** Null: no KEK to try with, or no wrapped key to try. */
  readonly unwraps: boolean | null;
}

export interface LoadedKeys {
  readonly sidecar: Sidecar | undefined;
  /** Undefined where there is no key at all to check a tag with. */
  readonly keys: Keystore | undefined;
  /** By id. */
  readonly states: readonly KeyState[];
  readonly findings: readonly Finding[];
}

/** What sidecar and KEK give; their faults as findings, as a node would name them. */
export function loadKeys({ sidecar, kek, sidecarPath }: EncryptionInput): LoadedKeys {
  const findings: Finding[] = [];
  if (kek.kind === 'failed') findings.push({ ...findingOf(kek.error), exitCode: 4 });
  if (sidecar.kind === 'invalid') findings.push({ ...findingOf(sidecar.error), exitCode: 4 });
  if (sidecar.kind !== 'valid')
    return { sidecar: undefined, keys: undefined, states: [], findings };
  const store = new Keystore();
  const states: KeyState[] = [];
  for (const key of [...sidecar.sidecar.keys.values()].sort((a, b) => a.id - b.id)) {
    let unwraps: boolean | null = null;
    if (kek.kind === 'loaded' && key.wrapped.length > 0) {
      const dek = kek.kek.unwrap(key.wrapped);
      const fault = dek instanceof Fault ? dek : store.load(key.id, dek);
      unwraps = fault === undefined;
      if (fault !== undefined) findings.push(notUnwrapped(key.id, key.purpose, fault, sidecarPath));
    }
    const active = sidecar.sidecar.active[key.purpose] === key.id;
    const { id, purpose, localEpoch, created } = key;
    states.push({ id, purpose, active, localEpoch, created, unwraps });
  }
  const keys = store.ids().length > 0 ? store : undefined;
  return { sidecar: sidecar.sidecar, keys, states, findings };
}

function notUnwrapped(id: number, purpose: Purpose, fault: Fault, file: string): Finding {
  return {
    code: 'kek-mismatch',
    severity: 'error',
    file,
    message: `key ${id} (${purpose}) does not unwrap: ${fault.text}`,
    nodeError: 'ErrKEKMismatch',
    exitCode: 4,
  };
}
