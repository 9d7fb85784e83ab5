/** Encodes requests for tests: the other direction of src/lib/fsm/request-proto.ts. */
import { fromByteString, type ByteString } from '../../../src/lib/bytes/byte-string.js';
import { concatBytes } from '../../../src/lib/bytes/write.js';
import type { Mutation, Request } from '../../../src/lib/fsm/request.js';
import { encodeMetaRecord } from '../../../src/lib/txn/meta-record.js';

export function varint(value: bigint | number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const out: number[] = [];
  for (; rest >= 0x80n; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.of(...out, Number(rest));
}

export function tag(field: number, wire: number): Uint8Array {
  return varint((BigInt(field) << 3n) | BigInt(wire));
}

export function scalar(field: number, value: bigint | number): Uint8Array {
  return concatBytes(tag(field, 0), varint(value));
}

export function delimited(field: number, bytes: Uint8Array): Uint8Array {
  return concatBytes(tag(field, 2), varint(bytes.length), bytes);
}

export function encodeMutation({ op, key, value }: Mutation): Uint8Array {
  return concatBytes(scalar(1, op), delimited(2, fromByteString(key)), delimited(3, value));
}

export function encodeRequest(request: Request): Uint8Array {
  return concatBytes(
    scalar(1, request.isTxn ? 1 : 0),
    scalar(2, request.phase),
    scalar(3, request.ts),
    ...request.mutations.map((mutation) => delimited(4, encodeMutation(mutation))),
    ...request.readKeys.map((key) => delimited(5, fromByteString(key))),
    scalar(6, request.observedRouteVersion),
  );
}

export function single(request: Request): Uint8Array {
  return concatBytes(Uint8Array.of(0), encodeRequest(request));
}

export function batch(...requests: Request[]): Uint8Array {
  const encoded = requests.map((request) => delimited(1, encodeRequest(request)));
  return concatBytes(Uint8Array.of(1), ...encoded);
}

export function put(key: ByteString, value: string): Mutation {
  return { op: 0, key, value: Buffer.from(value) };
}

export function del(key: ByteString): Mutation {
  return { op: 1, key, value: new Uint8Array(0) };
}

export function raw(ts: bigint, ...mutations: Mutation[]): Request {
  return { isTxn: false, phase: 0, ts, mutations, readKeys: [], observedRouteVersion: 0n };
}

export interface TxnParts {
  readonly startTs: bigint;
  readonly commitTs?: bigint;
  readonly primary: ByteString;
  readonly ttlMs?: bigint;
  readonly prevCommitTs?: bigint;
  readonly readKeys?: readonly ByteString[];
  readonly route?: bigint;
}

export function txn(phase: number, parts: TxnParts, ...mutations: Mutation[]): Request {
  const meta = encodeMetaRecord({
    primary: parts.primary,
    lockTtlMs: parts.ttlMs ?? 0n,
    commitTs: parts.commitTs ?? 0n,
    prevCommitTs: parts.prevCommitTs ?? 0n,
  });
  return {
    isTxn: true,
    phase,
    ts: parts.startTs,
    mutations: [{ op: 0, key: '!txn|meta|', value: meta }, ...mutations],
    readKeys: parts.readKeys ?? [],
    observedRouteVersion: parts.route ?? 0n,
  };
}
