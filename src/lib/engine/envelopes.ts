/**
 * What a process hands its raft engine and store for encryption (spec/cold-start.md §5, the cutover;
 * spec/encryption.md §3 to §5), out of what the operator gave the tool.
 */
import { SidecarApplier } from '../encryption/applier.js';
import type { KekState, SidecarState } from '../encryption/guard-inputs.js';
import type { StartOutcome } from '../encryption/guards.js';
import { Keystore } from '../encryption/keystore.js';
import { nodeId16Of } from '../encryption/nonce.js';
import { unwrapKeys } from '../encryption/unwrap-keys.js';
import { StorageCipher } from '../encryption/value-cipher.js';
import type { EncryptionApplier } from '../fsm/encryption-port.js';
import { Fault } from '../mvcc/fault.js';
import type { ValueCipher } from '../mvcc/value-cipher.js';

/** The node's encryption flags and files, as far as they are known. */
export interface EncryptionInput {
  /** Undefined: not known; taken as off unless the data says otherwise. */
  readonly on: boolean | undefined;
  readonly sidecar: SidecarState;
  readonly kek: KekState;
  /** For the action list: the sidecar as the operator named it. */
  readonly sidecarPath: string;
}

export const NO_ENCRYPTION: EncryptionInput = {
  on: undefined,
  sidecar: { kind: 'no-path' },
  kek: { kind: 'none' },
  sidecarPath: 'keys.json',
};

/** `cutover` is asked for every entry: an enable entry moves it while the boot goes on. */
export interface EnvelopeWiring {
  /** Entries above it are wrapped; 0 is infinite: nothing is. */
  readonly cutover: bigint;
  /** Keys for raft envelopes; undefined where there is no cipher. */
  readonly keys: Keystore | undefined;
  /** Of the store; null: rows with encryption state 1 are unreadable and puts are stored clear. */
  readonly cipher: ValueCipher | null;
  /** Null: opcodes 0x03 to 0x07 halt. */
  readonly applier: EncryptionApplier | null;
}

export const NO_ENVELOPES: EnvelopeWiring = {
  cutover: 0n,
  keys: undefined,
  cipher: null,
  applier: null,
};

/**
 * `--no-guards` (spec/output.md §3): the engine gets the sidecar's cutover and, if every key unwraps,
 * the cipher for raft envelopes; store and state machine get nothing.
 */
export function wiringOfEngine({ sidecar, kek }: EncryptionInput): EnvelopeWiring {
  if (sidecar.kind !== 'valid') return NO_ENVELOPES;
  const cutover = sidecar.sidecar.raftEnvelopeCutoverIndex;
  const keys = kek.kind === 'loaded' ? unwrapKeys(sidecar.sidecar, kek.kek) : undefined;
  return { ...NO_ENVELOPES, cutover, keys: keys instanceof Fault ? undefined : keys };
}

/** The wiring of a whole node. Its sidecar is a model in memory: nothing is written. */
export class ProcessWiring implements EnvelopeWiring {
  readonly keys: Keystore | undefined;
  readonly cipher: ValueCipher | null;
  readonly applier: SidecarApplier;
  private readonly wrapsEntries: boolean;

  /**
   * @param wrapsEntries builds from 2026-07-09 unwrap; older ones read every entry as it is
   * @param nowMs what the node would write as a key's creation time
   */
  constructor(
    input: EncryptionInput,
    start: StartOutcome,
    nodeId: bigint,
    wrapsEntries: boolean,
    nowMs: bigint,
  ) {
    const on = input.on === true && input.sidecar.kind !== 'no-path';
    const epochOf = (purpose: 'storage' | 'raft'): number =>
      start.bumps.find((bump) => bump.purpose === purpose)?.to ?? 0;
    const keys = start.keys ?? new Keystore();
    this.applier = new SidecarApplier({
      kek: on && input.kek.kind === 'loaded' ? input.kek.kek : undefined,
      keys,
      hasSidecarPath: input.sidecar.kind !== 'no-path',
      sidecar: start.sidecar,
      storageEpoch: epochOf('storage'),
      raftEpoch: epochOf('raft'),
      rotatedRaftKeyGetsEpoch: wrapsEntries,
      created: new Date(Number(nowMs)).toISOString(),
    });
    const wired = on && input.kek.kind === 'loaded';
    this.wrapsEntries = wrapsEntries && wired;
    this.keys = wired ? keys : undefined;
    const owner = { nodeId16: nodeId16Of(nodeId), localEpoch: epochOf('storage') };
    this.cipher = wired ? new StorageCipher(keys, this.applier, owner) : null;
  }

  get cutover(): bigint {
    return this.wrapsEntries ? this.applier.raftCutover : 0n;
  }
}
