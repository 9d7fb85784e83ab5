/**
 * `restore`: a group dir that a node boots from, out of one snapshot (spec/etcd-wal.md §1.7, §5.1, §7.1).
 *
 *     fsm-snap/<index>.fsm          the payload as it is, with a footer
 *     snap/<term>-<index>.snap      token, ConfState, index, term
 *     wal/0…0-0…0.wal               crc, metadata, snapshot (0,0); snapshot (term, index); hard state
 *                                   with commit = index; zeros up to 64,000,000
 *     raft-engine                   etcd
 *     etcd-raft-peers.bin           version 2: the newest that builds from 2026-04-27 on all read
 *
 * There is no `fsm.db`: the node makes it out of the `.fsm` (gate: fallback, missing_meta).
 */
import { concatBytes } from '../bytes/write.js';
import { UsageError } from '../core/errors.js';
import type { Finding } from '../core/finding.js';
import { bytesPiece, filePiece, zerosPiece, type Piece } from '../io/atomic-content.js';
import type { TreeDir, TreeFile } from '../io/atomic-tree.js';
import { PROTO_37 } from '../proto/dialect.js';
import type { HardState } from '../raft/hard-state.js';
import { encodePeersFile, PEERS_FILE } from '../raft/peers/peers-file.js';
import { encodeSnapFile } from '../raft/snap/snap-file.js';
import { snapName } from '../raft/snap/snap-name.js';
import { WalEncoder } from '../raft/wal/encoder.js';
import { SEGMENT_BYTES, segmentName } from '../raft/wal/segment-name.js';
import { encodeFooter, fsmFileName } from '../snapshot/fsm-file.js';
import { encodeToken } from '../snapshot/token.js';
import type { WritePlan } from './carry-out.js';
import { membershipOf, type Membership, type MembershipWish } from './membership.js';
import type { PayloadSource } from './payload-source.js';
import { findingsOfRestore } from './restore-findings.js';

export interface RestoreWish extends MembershipWish {
  readonly index: bigint | undefined;
  readonly term: bigint | undefined;
  readonly sidecarCutover: bigint | undefined;
  /** Raft id of the node the source dir belongs to, where it is known. */
  readonly sourceRaftId: string | null;
  /** For tests: a node's is 64,000,000. */
  readonly segmentBytes?: number | undefined;
}

export interface RestorePlan extends WritePlan {
  readonly payload: PayloadSource;
  readonly membership: Membership;
  readonly index: bigint;
  readonly term: bigint;
  readonly hardState: HardState;
  readonly crc: number;
  readonly freshCluster: boolean;
  readonly findings: readonly Finding[];
}

const DIRS: readonly TreeDir[] = [
  { path: 'fsm-snap', mode: 0o755 },
  { path: 'snap', mode: 0o755 },
  { path: 'wal', mode: 0o700 },
];

/** @throws {UsageError} `restore-…`, `cutover-differs` */
export function planRestore(payload: PayloadSource, wish: RestoreWish): RestorePlan {
  const membership = membershipOf(wish, payload.origin);
  const { index, term } = positionOf(payload, wish);
  checkSidecar(payload, wish);
  const { crc } = payload;
  const hardState = hardStateOf(payload, wish, index, term);
  const { confState, peers } = membership;
  const metadata = { confState, index, term };
  const snap = encodeSnapFile({ data: encodeToken({ index, crc }), metadata }, PROTO_37);
  const body = filePiece(payload.path, payload.base, payload.payloadBytes);
  const seed = { active: false, peers: [] };
  const peersFile = encodePeersFile({ version: 2, index, peers, seed });
  const files = [
    file(`fsm-snap/${fsmFileName(index)}`, [body, bytesPiece(encodeFooter(crc))]),
    file(`snap/${snapName(term, index)}`, [bytesPiece(snap)]),
    walFile(metadata, hardState, wish.segmentBytes ?? SEGMENT_BYTES),
    file('raft-engine', [bytesPiece(Buffer.from('etcd\n'))]),
    file(PEERS_FILE, [bytesPiece(peersFile)]),
  ];
  const { stamps, origin } = payload;
  return {
    inputs: stamps,
    sources: origin === null ? [] : [origin.root],
    stamps,
    dirs: DIRS,
    files,
    payload,
    membership,
    index,
    term,
    hardState,
    crc,
    freshCluster: wish.freshCluster,
    findings: findingsOfRestore(payload, wish, membership, index),
  };
}

function file(path: string, pieces: readonly Piece[]): TreeFile {
  return { path, mode: 0o600, content: { kind: 'pieces', pieces } };
}

function walFile(
  snapshot: Parameters<WalEncoder['snapshot']>[0],
  hardState: HardState,
  segmentBytes: number,
): TreeFile {
  const encoder = new WalEncoder(PROTO_37);
  const records = concatBytes(
    encoder.creation(),
    encoder.snapshot(snapshot),
    encoder.hardState(hardState),
  );
  const rest = zerosPiece(Math.max(segmentBytes - records.length, 0));
  return file(`wal/${segmentName(0n, 0n)}`, [bytesPiece(records), rest]);
}

/** What was given, what the source knows, and in a fresh cluster what is safe. */
function positionOf(payload: PayloadSource, wish: RestoreWish): { index: bigint; term: bigint } {
  const applied = payload.appliedIndex ?? 0n;
  const fresh = wish.freshCluster;
  const index = wish.index ?? payload.index ?? (fresh ? max(applied, 1n) : undefined);
  const term = wish.term ?? payload.term ?? (fresh ? 1n : undefined);
  if (index === undefined || term === undefined) {
    const missing = index === undefined ? '--index' : '--term';
    const text =
      `pass ${missing}: the log position the snapshot was taken at in the cluster this node goes ` +
      'back into (or --fresh-cluster, when every member is made anew)';
    throw new UsageError('restore-position-unknown', text);
  }
  if (index === 0n || term === 0n) {
    throw new UsageError('restore-position-unknown', 'index and term of a snapshot are at least 1');
  }
  if (index < applied) {
    const text =
      `index ${index} lies below the payload's applied index ${applied}: the node would drop ` +
      `entries ${index + 1n} to ${applied} as duplicates`;
    throw new UsageError('restore-index-below-applied', text);
  }
  return { index, term };
}

/** A node that goes on under its own name keeps its newest term and its vote in it. */
function hardStateOf(
  payload: PayloadSource,
  wish: RestoreWish,
  index: bigint,
  term: bigint,
): HardState {
  const known = payload.origin?.hardState;
  const own = known && !wish.freshCluster && wish.sourceRaftId === wish.raftId;
  const newest = known && !wish.freshCluster ? max(known.term ?? 0n, term) : term;
  const vote = own && newest === known.term ? known.vote : undefined;
  return { term: newest, vote, commit: index };
}

function checkSidecar({ header }: PayloadSource, { sidecarCutover }: RestoreWish): void {
  if (header.cutover === 0n || sidecarCutover === undefined) return;
  if (header.cutover === sidecarCutover) return;
  const text =
    `the snapshot's cutover is ${header.cutover}, the sidecar's ${sidecarCutover}: ` +
    'the node would refuse the result';
  throw new UsageError('cutover-differs', text);
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
