/**
 * What encryption entries do (spec/encryption.md §5), on a model of the sidecar in memory: nothing
 * is written, and `sidecar` is the file as this boot would leave it. Steps run in the node's order
 * and a step that fails leaves the earlier ones done.
 *
 * The applier also carries what follows the entries applied in this process: the loaded keys, the
 * storage switch (`putKeyId`) and the raft cutover. A redelivered entry works on the sidecar as it
 * is now, so redelivery is not always harmless.
 */
import type { ByteString } from '../bytes/byte-string.js';
import { equalBytes } from '../bytes/byte-string.js';
import { copyOf } from '../bytes/copy.js';
import type { EncryptionApplier, RegistryRows } from '../fsm/encryption-port.js';
import { Fault } from '../mvcc/fault.js';
import type { Kek } from './kek.js';
import { Keystore } from './keystore.js';
import { nodeId16Of } from './nonce.js';
import type { Secret } from './secret.js';
import type { Purpose, Sidecar, SidecarKey } from './sidecar.js';
import type { PutSwitch } from './value-cipher.js';
import {
  decodeEncryptionEntry,
  type BootstrapEntry,
  type Registration,
  type RotationEntry,
  type WrappedDek,
} from './wire.js';
import {
  decodeRegistryRow,
  encodeRegistryKey,
  encodeRegistryRow,
  type RegistryRow,
} from './writer-registry.js';

/** What a node is started with, as far as these entries are concerned. */
export interface ApplierSetup {
  /** Undefined without a KEK: then only registrations work. */
  readonly kek: Kek | undefined;
  /** Loaded at boot. The applier loads further keys into this very store. */
  readonly keys: Keystore;
  readonly hasSidecarPath: boolean;
  /** After the boot's bump; undefined when there is no file. */
  readonly sidecar: Sidecar | undefined;
  /** The process's epochs: the active keys' after the bump, 0 where this boot did not bump. */
  readonly storageEpoch: number;
  readonly raftEpoch: number;
  /** Build B gives a rotated raft key the raft epoch of the process, build A 0. */
  readonly rotatedRaftKeyGetsEpoch: boolean;
  /** What the node writes as `created`: the time of the apply, which a dry run cannot know. */
  readonly created: string;
}

const EMPTY_SIDECAR: Sidecar = {
  version: 2,
  raftAppliedIndex: 0n,
  storageEnvelopeActive: false,
  storageEnvelopeCutoverIndex: 0n,
  raftEnvelopeCutoverIndex: 0n,
  active: { storage: 0, raft: 0 },
  keys: new Map(),
};

export class SidecarApplier implements EncryptionApplier, PutSwitch {
  readonly keys: Keystore;
  private readonly setup: ApplierSetup;
  private current: Sidecar | undefined;
  private written = false;

  constructor(setup: ApplierSetup) {
    this.setup = setup;
    this.keys = setup.keys;
    this.current = setup.sidecar;
  }

  /** As it would stand on the disk now; undefined while there is none. */
  get sidecar(): Sidecar | undefined {
    return this.current;
  }

  /** Whether an entry has rewritten the file. */
  get sidecarWritten(): boolean {
    return this.written;
  }

  /** Puts are encrypted with KEK, sidecar path, an active storage key and the switch on. */
  get putKeyId(): number | null {
    const { current, setup } = this;
    if (setup.kek === undefined || !setup.hasSidecarPath || current === undefined) return null;
    return current.storageEnvelopeActive && current.active.storage !== 0
      ? current.active.storage
      : null;
  }

  /** Raft index above which entries are wrapped, from the entries applied so far; 0 for none. */
  get raftCutover(): bigint {
    return this.current?.raftEnvelopeCutoverIndex ?? 0n;
  }

  applyEncryption(index: bigint, payload: Uint8Array, rows: RegistryRows): Fault | null {
    const entry = decodeEncryptionEntry(payload);
    if (entry instanceof Fault) return entry;
    switch (entry.kind) {
      case 'registration':
        return register(entry.registration, rows);
      case 'bootstrap':
        return this.bootstrap(index, entry, rows);
      case 'rotate':
        return this.rotate(index, entry, rows);
      case 'enable-storage':
        return this.enableStorage(index, entry, rows);
      case 'enable-raft':
        return this.enableRaft(index, entry, rows);
    }
  }

  private bootstrap(index: bigint, entry: BootstrapEntry, rows: RegistryRows): Fault | null {
    const kek = this.configuredKek();
    if (kek instanceof Fault) return kek;
    const { storage, raft } = entry;
    if (storage.dekId === raft.dekId) return refused(`both keys have id ${raft.dekId}`);
    for (const { dekId } of entry.registrations) {
      if (dekId !== storage.dekId && dekId !== raft.dekId) {
        return refused(`a registration names key ${dekId}`);
      }
    }
    const conflict = this.contradiction(entry);
    if (conflict) return conflict;
    const deks: { readonly id: number; readonly secret: Secret }[] = [];
    for (const { dekId, wrapped } of [storage, raft]) {
      const secret = kek.unwrap(wrapped);
      if (secret instanceof Fault) return secret;
      deks.push({ id: dekId, secret });
    }
    for (const { id, secret } of deks) {
      const wrong = this.keys.load(id, secret);
      if (wrong) return wrong;
    }
    const before = this.current ?? EMPTY_SIDECAR;
    const keys = new Map(before.keys);
    keys.set(String(storage.dekId), this.keyOf(storage, 'storage', 0));
    keys.set(String(raft.dekId), this.keyOf(raft, 'raft', 0));
    const active = { storage: storage.dekId, raft: raft.dekId };
    this.write(index, { ...before, keys, active });
    for (const registration of entry.registrations) {
      const wrong = register(registration, rows);
      if (wrong) return wrong;
    }
    return null;
  }

  /** A sidecar with any active key must already say what the bootstrap says. */
  private contradiction({ storage, raft }: BootstrapEntry): Fault | undefined {
    const sidecar = this.current;
    if (sidecar === undefined) return undefined;
    const { active } = sidecar;
    if (active.storage === 0 && active.raft === 0) return undefined;
    if (active.storage !== storage.dekId || active.raft !== raft.dekId) {
      return refused(
        `keys ${storage.dekId} and ${raft.dekId}, but ${active.storage} and ${active.raft} are active`,
      );
    }
    for (const { dekId, wrapped } of [storage, raft]) {
      const known = sidecar.keys.get(String(dekId));
      if (known === undefined) return refused(`active key ${dekId} is not in the sidecar`);
      if (!equalBytes(known.wrapped, wrapped)) {
        return refused(`key ${dekId} is in the sidecar with other wrapped bytes`);
      }
    }
    return undefined;
  }

  private rotate(index: bigint, entry: RotationEntry, rows: RegistryRows): Fault | null {
    const kek = this.configuredKek();
    if (kek instanceof Fault) return kek;
    const { dek, purpose, registration } = entry;
    if (registration.dekId !== dek.dekId) return strangeRegistration(entry);
    const secret = kek.unwrap(dek.wrapped);
    if (secret instanceof Fault) return secret;
    const wrong = this.keys.load(dek.dekId, secret);
    if (wrong) return wrong;
    const sidecar = this.current;
    if (sidecar === undefined) return noSidecar();
    const keys = new Map(sidecar.keys);
    keys.set(String(dek.dekId), this.keyOf(dek, purpose, this.epochOfRotated(purpose)));
    const active = { ...sidecar.active, [purpose]: dek.dekId };
    this.write(index, { ...sidecar, keys, active });
    return register(registration, rows);
  }

  private epochOfRotated(purpose: Purpose): number {
    const { setup } = this;
    if (purpose === 'storage') return setup.storageEpoch;
    return setup.rotatedRaftKeyGetsEpoch ? setup.raftEpoch : 0;
  }

  private enableStorage(index: bigint, entry: RotationEntry, rows: RegistryRows): Fault | null {
    const sidecar = this.enableable(entry, 'storage');
    if (sidecar instanceof Fault) return sidecar;
    if (entry.dek.dekId !== sidecar.active.storage || sidecar.storageEnvelopeActive) {
      this.write(index, sidecar);
      return null;
    }
    const wrong = register(entry.registration, rows);
    if (wrong) return wrong;
    this.write(index, {
      ...sidecar,
      storageEnvelopeActive: true,
      storageEnvelopeCutoverIndex: index,
    });
    return null;
  }

  private enableRaft(index: bigint, entry: RotationEntry, rows: RegistryRows): Fault | null {
    const sidecar = this.enableable(entry, 'raft', index);
    if (sidecar instanceof Fault) return sidecar;
    if (sidecar.raftEnvelopeCutoverIndex !== 0n || entry.dek.dekId !== sidecar.active.raft) {
      this.write(index, sidecar);
      return null;
    }
    const wrong = register(entry.registration, rows);
    if (wrong) return wrong;
    this.write(index, { ...sidecar, raftEnvelopeCutoverIndex: index });
    return null;
  }

  /** The checks that both enable entries share, in order. Only the raft one looks at its index. */
  private enableable(entry: RotationEntry, purpose: Purpose, index?: bigint): Sidecar | Fault {
    const kek = this.configuredKek();
    if (kek instanceof Fault) return kek;
    if (index === 0n) return refused('the entry has index 0');
    if (entry.purpose !== purpose) return refused(`purpose ${entry.purpose}, not ${purpose}`);
    if (entry.dek.wrapped.length !== 0) return refused('an enable entry carries a wrapped key');
    if (entry.registration.dekId !== entry.dek.dekId) return strangeRegistration(entry);
    return this.current ?? noSidecar();
  }

  private configuredKek(): Kek | Fault {
    const { kek, hasSidecarPath } = this.setup;
    if (kek !== undefined && hasSidecarPath) return kek;
    const missing = kek === undefined ? 'no KEK' : 'no sidecar path';
    return new Fault('kek-not-configured', ['ErrKEKNotConfigured'], missing);
  }

  private keyOf({ dekId, wrapped }: WrappedDek, purpose: Purpose, localEpoch: number): SidecarKey {
    const { created } = this.setup;
    return { id: dekId, purpose, wrapped: copyOf(wrapped), created, localEpoch };
  }

  private write(index: bigint, next: Sidecar): void {
    const raftAppliedIndex = index > next.raftAppliedIndex ? index : next.raftAppliedIndex;
    this.current = { ...next, version: 2, raftAppliedIndex };
    this.written = true;
  }
}

/** One row: inserted, raised, left alone, or a halt (another node's row, an older epoch). */
export function register(registration: Registration, rows: RegistryRows): Fault | null {
  const { dekId, fullNodeId, localEpoch } = registration;
  const rawKey: ByteString = encodeRegistryKey({ dekId, nodeId16: nodeId16Of(fullNodeId) });
  const value = rows.get(rawKey);
  if (value === undefined) {
    put({ fullNodeId, firstSeenEpoch: localEpoch, lastSeenEpoch: localEpoch });
    return null;
  }
  const row = decodeRegistryRow(value);
  if (row instanceof Fault) return row;
  if (row.fullNodeId !== fullNodeId) {
    return refused(`key ${dekId}: node ${fullNodeId} has the 16-bit id of node ${row.fullNodeId}`);
  }
  if (localEpoch < row.lastSeenEpoch) {
    return refused(`key ${dekId}: epoch ${localEpoch} below the last seen ${row.lastSeenEpoch}`);
  }
  if (localEpoch > row.lastSeenEpoch) put({ ...row, lastSeenEpoch: localEpoch });
  return null;

  function put(row: RegistryRow): void {
    rows.put(rawKey, encodeRegistryRow(row));
  }
}

function strangeRegistration({ dek, registration }: RotationEntry): Fault {
  return refused(`the registration names key ${registration.dekId}, the entry ${dek.dekId}`);
}

function noSidecar(): Fault {
  return refused('there is no sidecar yet');
}

function refused(text: string): Fault {
  return new Fault('encryption-apply-refused', [], text);
}
