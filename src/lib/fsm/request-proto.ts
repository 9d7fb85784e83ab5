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
      const end = enter(reader);
      if (end < 0) return null;
      const request = readRequest(reader);
      if (request === null) return null;
      reader.end = end;
      checkListItems(requests.length, 'requests');
      requests.push(request);
    } else if (!reader.skip()) return null;
  }
  return requests;
}

/**
 * Into the message inside a message; whoever has read it puts the end back.
 * @returns where the outer message ends, or -1 when the inner one does not fit into it
 */
function enter(reader: WireReader): number {
  if (!reader.delimited()) return -1;
  const outerEnd = reader.end;
  reader.end = reader.pos;
  reader.pos = reader.from;
  return outerEnd;
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
      const end = enter(reader);
      if (end < 0) return null;
      const mutation = readMutation(reader);
      if (mutation === null) return null;
      reader.end = end;
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

/**
 * A mutation of which only the ranges are read: who lists a log looks at one key of an entry, and a
 * view and a string for each of the others would cost more than reading them.
 */
class ReadMutation implements Mutation {
  op = 0;
  keyFrom = 0;
  keyTo = 0;
  valueFrom = 0;
  valueTo = 0;
  private readonly payload: Uint8Array;
  private text: ByteString | undefined;

  constructor(payload: Uint8Array) {
    this.payload = payload;
  }

  get key(): ByteString {
    return (this.text ??= byteStringOf(this.payload, this.keyFrom, this.keyTo));
  }

  get value(): Uint8Array {
    return this.payload.subarray(this.valueFrom, this.valueTo);
  }
}

function readMutation(reader: WireReader): Mutation | null {
  const mutation = new ReadMutation(reader.bytes);
  while (reader.pos < reader.end) {
    if (!reader.tag()) return null;
    if (reader.wire === WIRE.VARINT) {
      if (!reader.varint()) return null;
      if (reader.field === 1) mutation.op = reader.low | 0;
    } else if (reader.wire === WIRE.BYTES) {
      if (!reader.delimited()) return null;
      if (reader.field === 2) {
        mutation.keyFrom = reader.from;
        mutation.keyTo = reader.pos;
      } else if (reader.field === 3) {
        mutation.valueFrom = reader.from;
        mutation.valueTo = reader.pos;
      }
    } else if (!reader.skip()) return null;
  }
  return mutation;
}
