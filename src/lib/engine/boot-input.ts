import type { Pace } from '../core/pace.js';
import type { Keystore } from '../encryption/keystore.js';
import type { EncryptionApplier } from '../fsm/encryption-port.js';
import type { DirSource } from '../io/dir-source.js';
import type { ValueCipher } from '../mvcc/value-cipher.js';
import type { EntryRecord } from './boot-report.js';
import type { Generation } from './generation.js';

/** A member as the node's flags name it. */
export interface PeerFlag {
  readonly id: string;
  readonly address: string;
}

/**
 * What the process around the raft engine hands it for encryption (spec/cold-start.md §5, the
 * cutover). `cutover` is asked for every entry: an enable entry moves it while the boot goes on.
 */
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

/** One question: what would a node of this build do, started with these flags on this group dir? */
export interface BootInput {
  readonly group: DirSource;
  readonly generation: Generation;
  readonly raftId: string;
  /** `--peers`: the node's own flag; empty where it is not known. */
  readonly peers: readonly PeerFlag[];
  readonly bootstrap: boolean;
  /** False asks about the raft engine alone (spec/output.md §3, `--no-guards`). */
  readonly guards: boolean;
  readonly envelopes: EnvelopeWiring;
  /** Digests of the store before and after. */
  readonly wantDigest: boolean;
  /** Takes a record of every entry that is delivered or replayed; null where none is wanted. */
  readonly onEntry: ((record: EntryRecord) => void) | null;
  /** Milliseconds since the epoch that a PREPARE's lock expiry counts from. */
  readonly nowMs: bigint;
  readonly pace: Pace;
}
