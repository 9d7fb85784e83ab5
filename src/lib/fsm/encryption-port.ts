/**
 * How the state machine hands the opcodes 0x03, 0x04 and 0x05 on (spec/encryption.md §5). The
 * applier owns the sidecar, the key store and the two envelope switches; the state machine owns the
 * store, of which the applier sees the registry rows only. 0x06 and 0x07 never reach it.
 */
import type { ByteString } from '../bytes/byte-string.js';
import type { Fault } from '../mvcc/fault.js';

/** Raw Pebble rows, not versions: registry rows carry no timestamp. */
export interface RegistryRows {
  /** Borrowed. */
  get(rawKey: ByteString): Uint8Array | undefined;
  /** Durable by itself. The store keeps `value`: hand over bytes that stay as they are. */
  put(rawKey: ByteString, value: Uint8Array): void;
}

export interface EncryptionApplier {
  /**
   * Applies one encryption entry. A step that fails leaves the earlier ones done.
   *
   * @param index    raft index of the entry; 0 where the state machine was not told it
   * @param payload  the whole payload, opcode first; borrowed
   * @returns null, or why the node halts. The state machine adds `ErrEncryptionApply` to the names;
   *   leave them empty where the failure has no identity of its own.
   */
  applyEncryption(index: bigint, payload: Uint8Array, rows: RegistryRows): Fault | null;
}
