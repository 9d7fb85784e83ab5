/**
 * The messages of spec/fsm-apply.md §2:
 *
 *   Mutation     1 op enum, 2 key bytes, 3 value bytes, 4 commit_ts_value_offset u64 (not used here)
 *   Request      1 is_txn bool, 2 phase enum, 3 ts u64, 4 mutations, 5 read_keys, 6 observed_route_version
 *   RaftCommand  1 requests
 *
 * Absent = zero, the last value of a scalar wins, a known number with another wire type is unknown.
 * Unlike `proto/`, which reads what raft wrote, this decoder must refuse and accept exactly what the
 * node's does: the answer decides whether an entry is applied.
 */
import { byteStringOf, type ByteString } from '../bytes/byte-string.js';
import { checkListItems } from '../core/limits.js';
import type { Mutation, Request } from './request.js';
import { WIRE, WireReader } from './wire.js';

const NO_BYTES: Uint8Array = new Uint8Array(0);

/** @returns the request in `payload[from..]`, or null when it does not parse */
export function decodeRequest(payload: Uint8Array, from: number): Request | null {
  return readRequest(new WireReader(payload, from));
}

/** @returns the requests in `payload[from..]`, possibly none, or null when it does not parse */
export function decodeRaftCommand(payload: Uint8Array, from: number): Request[] | null {
  const reader = new WireReader(payload, from);
  const requests: Request[] = [];
  while (reader.pos < reader.end) {
    if (!reader.tag()) return null;
    if (reader.field === 1 && reader.wire === WIRE.BYTES) {
      const request = readNested(reader, readRequest);
      if (request === null) return null;
      checkListItems(requests.length, 'requests');
      requests.push(request);
    } else if (!reader.skip()) return null;
  }
  return requests;
}

/** A message inside a message: its own end, then on behind it. */
function readNested<T>(reader: WireReader, read: (reader: WireReader) => T | null): T | null {
  if (!reader.delimited()) return null;
  const outerEnd = reader.end;
  const innerEnd = reader.pos;
  reader.pos = reader.from;
  reader.end = innerEnd;
  const message = read(reader);
  reader.end = outerEnd;
  return message;
}

function readRequest(reader: WireReader): Request | null {
  let isTxn = false;
  let phase = 0;
  let ts = 0n;
  let observedRouteVersion = 0n;
  const mutations: Mutation[] = [];
  const readKeys: ByteString[] = [];
  while (reader.pos < reader.end) {
    if (!reader.tag()) return null;
    if (reader.wire === WIRE.VARINT) {
      if (!reader.varint()) return null;
      // An enum takes the lower 32 bits with their sign; any bit makes a bool true.
      if (reader.field === 1) isTxn = reader.low !== 0 || reader.high !== 0;
      else if (reader.field === 2) phase = reader.low | 0;
      else if (reader.field === 3) ts = reader.u64();
      else if (reader.field === 6) observedRouteVersion = reader.u64();
    } else if (reader.wire === WIRE.BYTES && reader.field === 4) {
      const mutation = readNested(reader, readMutation);
      if (mutation === null) return null;
      checkListItems(mutations.length, 'mutations');
      mutations.push(mutation);
    } else if (reader.wire === WIRE.BYTES && reader.field === 5) {
      if (!reader.delimited()) return null;
      checkListItems(readKeys.length, 'readKeys');
      readKeys.push(byteStringOf(reader.bytes, reader.from, reader.pos));
    } else if (!reader.skip()) return null;
  }
  return { isTxn, phase, ts, mutations, readKeys, observedRouteVersion };
}

function readMutation(reader: WireReader): Mutation | null {
  let op = 0;
  let key: ByteString = '';
  let value: Uint8Array = NO_BYTES;
  while (reader.pos < reader.end) {
    if (!reader.tag()) return null;
    if (reader.wire === WIRE.VARINT) {
      if (!reader.varint()) return null;
      if (reader.field === 1) op = reader.low | 0;
    } else if (reader.wire === WIRE.BYTES) {
      if (!reader.delimited()) return null;
      const { bytes, from, pos } = reader;
      if (reader.field === 2) key = byteStringOf(bytes, from, pos);
      else if (reader.field === 3) value = bytes.subarray(from, pos);
    } else if (!reader.skip()) return null;
  }
  return { op, key, value };
}
