/**
 * `raftpb.ConfChange` (v1), `raftpb.ConfChangeV2` and the context that elastickv puts into a v1
 * change (spec/etcd-wal.md §3.2).
 *
 *     ConfChange        1 id: uint64   2 type: enum   3 node_id: uint64   4 context: bytes
 *     ConfChangeV2      1 transition: enum   2 changes: repeated ConfChangeSingle   3 context: bytes
 *     ConfChangeSingle  1 type: enum   2 node_id: uint64
 *
 *     context: version 0x03   request id u64 BE   node id u64 BE   id length u16 BE
 *              address length u16 BE   id   address      (21 bytes and both texts, nothing behind)
 */
import { toByteString, type ByteString } from '../bytes/byte-string.js';
import { copyOf } from '../bytes/copy.js';
import { u16be, u64be } from '../bytes/read.js';
import type { ProtoDialect } from '../proto/dialect.js';
import { WireReader } from '../proto/wire-reader.js';
import { WireWriter } from '../proto/wire-writer.js';

export const CONF_CHANGE_TYPE = {
  addNode: 0,
  removeNode: 1,
  updateNode: 2,
  addLearnerNode: 3,
} as const;

export const TRANSITION = { auto: 0, jointImplicit: 1, jointExplicit: 2 } as const;

export interface ConfChange {
  readonly id: bigint | undefined;
  readonly type: number | undefined;
  readonly nodeId: bigint | undefined;
  readonly context: Uint8Array | undefined;
}

export interface ConfChangeSingle {
  readonly type: number;
  readonly nodeId: bigint;
}

export interface ConfChangeV2 {
  readonly transition: number;
  readonly changes: readonly ConfChangeSingle[];
  readonly context: Uint8Array | undefined;
}

/** @throws {ProtoError} */
export function decodeConfChange(bytes: Uint8Array, dialect: ProtoDialect): ConfChange {
  const r = new WireReader(dialect).reset(bytes, 0, bytes.length, 'ConfChange');
  let id: bigint | undefined;
  let type: number | undefined;
  let nodeId: bigint | undefined;
  let context: Uint8Array | undefined;
  while (r.next()) {
    if (r.field === 1) {
      if (r.varint('ID')) id = r.u64();
    } else if (r.field === 2) {
      if (r.varint('Type')) type = r.lo | 0;
    } else if (r.field === 3) {
      if (r.varint('NodeID')) nodeId = r.u64();
    } else if (r.field === 4) {
      if (r.range('Context')) context = copyOf(r.view());
    } else r.skip();
  }
  return { id, type, nodeId, context };
}

export function encodeConfChange(change: ConfChange, dialect: ProtoDialect): Uint8Array {
  const zero = dialect.writesZeros ? 0 : undefined;
  return new WireWriter()
    .varint(1, change.id ?? zero)
    .varint(2, change.type ?? zero)
    .varint(3, change.nodeId ?? zero)
    .bytes(4, change.context)
    .finish();
}

/** @throws {ProtoError} */
export function decodeConfChangeV2(bytes: Uint8Array, dialect: ProtoDialect): ConfChangeV2 {
  const r = new WireReader(dialect).reset(bytes, 0, bytes.length, 'ConfChangeV2');
  let transition = 0;
  const changes: ConfChangeSingle[] = [];
  let context: Uint8Array | undefined;
  while (r.next()) {
    if (r.field === 1) {
      if (r.varint('Transition')) transition = r.lo | 0;
    } else if (r.field === 2) {
      if (r.range('Changes')) changes.push(readSingle(r.nested('ConfChangeSingle')));
    } else if (r.field === 3) {
      if (r.range('Context')) context = copyOf(r.view());
    } else r.skip();
  }
  return { transition, changes, context };
}

function readSingle(r: WireReader): ConfChangeSingle {
  let type = 0;
  let nodeId = 0n;
  while (r.next()) {
    if (r.field === 1) {
      if (r.varint('Type')) type = r.lo | 0;
    } else if (r.field === 2) {
      if (r.varint('NodeID')) nodeId = r.u64();
    } else r.skip();
  }
  return { type, nodeId };
}

export function encodeConfChangeV2(change: ConfChangeV2, dialect: ProtoDialect): Uint8Array {
  const present = (v: number | bigint): number | bigint | undefined =>
    dialect.writesZeros || BigInt(v) !== 0n ? v : undefined;
  const w = new WireWriter().varint(1, present(change.transition));
  for (const { type, nodeId } of change.changes) {
    const single = new WireWriter().varint(1, present(type)).varint(2, present(nodeId));
    w.bytes(2, single.finish());
  }
  return w.bytes(3, change.context).finish();
}

/** A v1 change as raft applies it. */
export function asV2(change: ConfChange): ConfChangeV2 {
  const single = { type: change.type ?? 0, nodeId: change.nodeId ?? 0n };
  return { transition: TRANSITION.auto, changes: [single], context: change.context };
}

export interface ConfChangeContext {
  readonly requestId: bigint;
  readonly nodeId: bigint;
  /** Bytes as the proposer sent them; texts in practice. */
  readonly id: ByteString;
  readonly address: ByteString;
}

const CONTEXT_VERSION = 0x03;
const CONTEXT_HEAD = 21;

/** @returns undefined where the node takes the context as absent: wrong version, length or node id */
export function decodeConfChangeContext(
  context: Uint8Array | undefined,
  changeNodeId: bigint,
): ConfChangeContext | undefined {
  if (context === undefined || context.length < CONTEXT_HEAD) return undefined;
  if (context[0] !== CONTEXT_VERSION) return undefined;
  const idLength = u16be(context, 17);
  const addressLength = u16be(context, 19);
  if (context.length !== CONTEXT_HEAD + idLength + addressLength) return undefined;
  const nodeId = u64be(context, 9);
  if (nodeId !== 0n && changeNodeId !== 0n && nodeId !== changeNodeId) return undefined;
  const addressAt = CONTEXT_HEAD + idLength;
  return {
    requestId: u64be(context, 1),
    nodeId,
    id: toByteString(context.subarray(CONTEXT_HEAD, addressAt)),
    address: toByteString(context.subarray(addressAt)),
  };
}
