/** Raw requests and one-phase transactions (spec/fsm-apply.md §6). */
import { Fault } from '../mvcc/fault.js';
import { scanPrefix } from '../mvcc/prefix-scan.js';
import { suffixOfTs } from '../mvcc/version-key.js';
import {
  commitTsRequired,
  invalidRequest,
  primaryKeyRequired,
  unknownRequestType,
} from './answers.js';
import {
  refusedKey,
  uniqueMutations,
  type RequestContext,
  type TxnRequest,
} from './request-context.js';
import { OP, type Mutation, type Request } from './request.js';
import type { VersionWrite, WriteOutcome } from './version-writer.js';

export function applyRaw(context: RequestContext, request: Request): Fault | null {
  const { mutations, ts } = request;
  const deletion = mutations.find(({ op }) => op === OP.DEL_PREFIX);
  if (deletion !== undefined) return applyDelPrefix(context, deletion, ts);
  return checkAndWrite(context, mutations, {
    readKeys: [],
    startTs: ts,
    commitTs: ts,
  });
}

export function applyOnePhase(context: RequestContext, txn: TxnRequest): Fault | null {
  const { meta, startTs } = txn;
  if (meta.primary === '') return primaryKeyRequired();
  if (txn.mutations.length === 0) return invalidRequest('no mutations');
  if (meta.commitTs <= startTs) return commitTsRequired(meta.commitTs, startTs);
  if (isRetryOfLanded(context, txn)) return null;
  const mutations = uniqueMutations(txn.mutations);
  if (mutations instanceof Fault) return mutations;
  return checkAndWrite(context, mutations, {
    readKeys: txn.request.readKeys,
    startTs,
    commitTs: meta.commitTs,
  });
}

/** The previous attempt's commit timestamp has a version of the primary: a no-op. */
function isRetryOfLanded({ reader }: RequestContext, { meta }: TxnRequest): boolean {
  if (meta.prevCommitTs === 0n) return false;
  return reader.hasExactly(meta.primary, suffixOfTs(meta.prevCommitTs));
}

function checkAndWrite(
  context: RequestContext,
  mutations: readonly Mutation[],
  write: { readKeys: readonly string[]; startTs: bigint; commitTs: bigint },
): Fault | null {
  const { build, reader, writer, index, note } = context;
  const keys = mutations.map(({ key }) => key);
  const fault = build.checkKeys(reader, keys, refusedKey, note);
  if (fault !== null) return fault;
  const versions: VersionWrite[] = [];
  for (const { op, key, value } of mutations) {
    if (op !== OP.PUT && op !== OP.DEL) return unknownRequestType(`op ${op}`);
    versions.push({ key, body: op === OP.PUT ? value : null });
  }
  return faultOf(writer.write({ versions, ...write }, index));
}

/** The first such mutation alone is executed, without any check, whatever else is in the request. */
function applyDelPrefix(context: RequestContext, { key }: Mutation, ts: bigint): Fault | null {
  const { build, reader, writer, index } = context;
  const doomed = scanPrefix(reader, build.prefixScan, key, ts);
  if (doomed instanceof Fault) return doomed;
  const tombstones = doomed.map((userKey) => ({ key: userKey, body: null }));
  return faultOf(writer.writeUnchecked(tombstones, ts, index));
}

export function faultOf(outcome: WriteOutcome): Fault | null {
  return outcome instanceof Fault ? outcome : null;
}
