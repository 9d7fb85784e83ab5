/**
 * Encryption entries in the log (spec/encryption.md §5). The byte behind the opcode is the wire
 * version 0x01.
 *
 *     0x03 registration  dekId u32, fullNodeId u64, localEpoch u16 (BE): 15 bytes with the version
 *     0x04 bootstrap     storageDekId u32, len u32, wrapped; raftDekId u32, len u32, wrapped;
 *                        count u32 (<= 16384), count registrations of 14 bytes; nothing behind
 *     0x05 rotation      subTag (1), dekId u32, purpose (1 storage, 2 raft), len u32, wrapped,
 *                        one registration of 14 bytes; nothing behind
 */
import { u16be, u32be, u64be } from '../bytes/read.js';
import { Fault } from '../mvcc/fault.js';
import type { Purpose } from './sidecar.js';

export const OPCODE_REGISTRATION = 0x03;
export const OPCODE_BOOTSTRAP = 0x04;
export const OPCODE_ROTATION = 0x05;

export const SUBTAG_ROTATE = 0x01;
export const SUBTAG_ENABLE_STORAGE = 0x04;
export const SUBTAG_ENABLE_RAFT = 0x05;

const WIRE_VERSION = 0x01;
const REGISTRATION_LENGTH = 14;
const MAX_REGISTRATIONS = 16_384;

export interface Registration {
  readonly dekId: number;
  readonly fullNodeId: bigint;
  readonly localEpoch: number;
}

/** A key that an entry carries. `wrapped` is borrowed from the payload. */
export interface WrappedDek {
  readonly dekId: number;
  readonly wrapped: Uint8Array;
}

export interface RegistrationEntry {
  readonly kind: 'registration';
  readonly registration: Registration;
}

export interface BootstrapEntry {
  readonly kind: 'bootstrap';
  readonly storage: WrappedDek;
  readonly raft: WrappedDek;
  readonly registrations: readonly Registration[];
}

export interface RotationEntry {
  readonly kind: 'rotate' | 'enable-storage' | 'enable-raft';
  readonly purpose: Purpose;
  readonly dek: WrappedDek;
  readonly registration: Registration;
}

export type EncryptionEntry = RegistrationEntry | BootstrapEntry | RotationEntry;

/**
 * @param payload the whole payload, opcode 0x03, 0x04 or 0x05 first
 * @returns the entry, or `ErrFSMWireMalformed`, `ErrFSMWireVersion`, `ErrFSMWireSubtag`
 */
export function decodeEncryptionEntry(payload: Uint8Array): EncryptionEntry | Fault {
  const body = payload.subarray(1);
  switch (payload[0]) {
    case OPCODE_REGISTRATION:
      return decodeRegistrationEntry(body);
    case OPCODE_BOOTSTRAP:
      return decodeBootstrap(body);
    case OPCODE_ROTATION:
      return decodeRotation(body);
    default:
      return new Fault('encryption-apply-refused', [], 'no encryption opcode that has a meaning');
  }
}

/** Length before version, unlike the other two. */
function decodeRegistrationEntry(body: Uint8Array): RegistrationEntry | Fault {
  if (body.length !== 1 + REGISTRATION_LENGTH) {
    return malformed(`a registration of ${body.length} bytes, ${1 + REGISTRATION_LENGTH} needed`);
  }
  const wrong = versionFault(body);
  return wrong ?? { kind: 'registration', registration: registrationAt(body, 1) };
}

function decodeBootstrap(body: Uint8Array): BootstrapEntry | Fault {
  if (body.length === 0) return malformed('the wire version is missing');
  const wrong = versionFault(body);
  if (wrong) return wrong;
  const storage = dekAt(body, 1, 0);
  if (storage === undefined) return malformed('the storage key is cut short');
  const raft = dekAt(body, storage.end, 0);
  if (raft === undefined) return malformed('the raft key is cut short');
  let pos = raft.end;
  if (body.length - pos < 4) return malformed('the count of registrations is cut short');
  const count = u32be(body, pos);
  pos += 4;
  if (count > MAX_REGISTRATIONS) return malformed(`${count} registrations`);
  if (body.length - pos !== count * REGISTRATION_LENGTH) {
    return malformed(`${body.length - pos} bytes for ${count} registrations`);
  }
  const registrations: Registration[] = [];
  for (; pos < body.length; pos += REGISTRATION_LENGTH) {
    registrations.push(registrationAt(body, pos));
  }
  return { kind: 'bootstrap', storage: storage.dek, raft: raft.dek, registrations };
}

const KIND_OF_SUBTAG: ReadonlyMap<number, RotationEntry['kind']> = new Map([
  [SUBTAG_ROTATE, 'rotate'],
  [SUBTAG_ENABLE_STORAGE, 'enable-storage'],
  [SUBTAG_ENABLE_RAFT, 'enable-raft'],
]);

function decodeRotation(body: Uint8Array): RotationEntry | Fault {
  if (body.length === 0) return malformed('the wire version is missing');
  const wrong = versionFault(body);
  if (wrong) return wrong;
  if (body.length < 2) return malformed('the sub-tag is missing');
  const subTag = body[1] ?? 0;
  const kind = KIND_OF_SUBTAG.get(subTag);
  if (kind === undefined) {
    return new Fault('encryption-wire-subtag', ['ErrFSMWireSubtag'], `rotation sub-tag ${subTag}`);
  }
  const key = dekAt(body, 2, 1);
  if (key === undefined) return malformed('the key is cut short');
  const purposeByte = body[6] ?? 0;
  if (purposeByte !== 1 && purposeByte !== 2) return malformed(`purpose ${purposeByte}`);
  if (body.length - key.end !== REGISTRATION_LENGTH) {
    return malformed(`${body.length - key.end} bytes for the registration`);
  }
  return {
    kind,
    purpose: purposeByte === 1 ? 'storage' : 'raft',
    dek: key.dek,
    registration: registrationAt(body, key.end),
  };
}

/** dekId u32, `between` other bytes, len u32, wrapped. The length is bounded by the bytes left. */
function dekAt(
  body: Uint8Array,
  pos: number,
  between: number,
): { readonly dek: WrappedDek; readonly end: number } | undefined {
  const start = pos + 8 + between;
  if (body.length < start) return undefined;
  const length = u32be(body, start - 4);
  if (length > body.length - start) return undefined;
  const end = start + length;
  return { dek: { dekId: u32be(body, pos), wrapped: body.subarray(start, end) }, end };
}

function registrationAt(body: Uint8Array, pos: number): Registration {
  return {
    dekId: u32be(body, pos),
    fullNodeId: u64be(body, pos + 4),
    localEpoch: u16be(body, pos + 12),
  };
}

function versionFault(body: Uint8Array): Fault | undefined {
  if (body[0] === WIRE_VERSION) return undefined;
  const text = `wire version ${body[0] ?? 0}, ${WIRE_VERSION} is known`;
  return new Fault('encryption-wire-version', ['ErrFSMWireVersion'], text);
}

function malformed(text: string): Fault {
  return new Fault('encryption-wire-malformed', ['ErrFSMWireMalformed'], text);
}
