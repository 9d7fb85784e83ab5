/**
 * One request: the checks that come first (spec/fsm-apply.md §3), then the phase. What it yields is
 * an answer, never an exception.
 */
import { Fault } from '../mvcc/fault.js';
import { META_RECORD_PREFIX } from '../txn/keys.js';
import { decodeMetaRecord, type MetaRecord } from '../txn/meta-record.js';
import { commitTsRequired, txnMetaMissing, unknownRequestType } from './answers.js';
import { applyPrepare } from './apply-prepare.js';
import { applyOnePhase, applyRaw } from './apply-raw.js';
import { applyAbort, applyCommit } from './apply-resolve.js';
import type { RequestContext, TxnRequest } from './request-context.js';
import { PHASE, type Request } from './request.js';

const NOT_PINNED = 0n;

export interface RequestAnswer {
  readonly error: Fault | null;
  /** What the clock observes when there is no error; null where the meta record gives none. */
  readonly commitTs: bigint | null;
}

export function applyRequest(context: RequestContext, request: Request): RequestAnswer {
  if (!request.isTxn) return { error: applyRaw(context, request), commitTs: request.ts };
  switch (request.phase) {
    case PHASE.PREPARE:
      notePin(context, request);
      return { error: prepare(context, request), commitTs: request.ts };
    case PHASE.COMMIT:
      return resolve(context, request, applyCommit);
    case PHASE.ABORT:
      return resolve(context, request, applyAbort);
    case PHASE.NONE:
      return resolve(context, request, applyOnePhase);
    default:
      return { error: unknownRequestType(`phase ${request.phase}`), commitTs: request.ts };
  }
}

function prepare(context: RequestContext, request: Request): Fault | null {
  const meta = metaOf(request);
  return meta instanceof Fault ? meta : applyPrepare(context, txnOf(request, meta));
}

/** The phases whose commit timestamp is that of the meta record. */
function resolve(
  context: RequestContext,
  request: Request,
  apply: (context: RequestContext, txn: TxnRequest) => Fault | null,
): RequestAnswer {
  const meta = metaOf(request);
  if (meta instanceof Fault) return { error: meta, commitTs: null };
  const { commitTs } = meta;
  if (commitTs === 0n) return { error: commitTsRequired(0n, request.ts), commitTs };
  if (request.phase !== PHASE.ABORT) notePin(context, request);
  return { error: apply(context, txnOf(request, meta)), commitTs };
}

/** The record is the value of the first mutation, whatever its op. */
function metaOf(request: Request): MetaRecord | Fault {
  const first = request.mutations[0];
  if (first === undefined || !first.key.startsWith(META_RECORD_PREFIX)) return txnMetaMissing();
  return decodeMetaRecord(first.value);
}

function txnOf(request: Request, meta: MetaRecord): TxnRequest {
  return { request, meta, mutations: request.mutations.slice(1), startTs: request.ts };
}

function notePin({ note }: RequestContext, { observedRouteVersion }: Request): void {
  if (observedRouteVersion === NOT_PINNED) return;
  note('route-not-evaluated', `pinned to route version ${observedRouteVersion}`);
}
