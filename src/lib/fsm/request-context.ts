import type { ByteString } from '../bytes/byte-string.js';
import { Fault } from '../mvcc/fault.js';
import type { VersionReader } from '../mvcc/version-reader.js';
import { isInternalKey } from '../txn/keys.js';
import type { MetaRecord } from '../txn/meta-record.js';
import { invalidRequest } from './answers.js';
import type { Build } from './build.js';
import type { NoteSink } from './note.js';
import type { Mutation, Request } from './request.js';
import type { VersionWriter } from './version-writer.js';

/** What applying one request works with. */
export interface RequestContext {
  readonly build: Build;
  readonly reader: VersionReader;
  readonly writer: VersionWriter;
  /** Raft index of the entry, null where the state machine was not told it. */
  readonly index: bigint | null;
  /** Wall clock of the applying node, Unix milliseconds: the expiry of locks depends on it. */
  readonly nowMs: bigint;
  readonly note: NoteSink;
}

/** A transaction's request, its meta record taken off. */
export interface TxnRequest {
  readonly request: Request;
  readonly meta: MetaRecord;
  /** Behind the meta record. */
  readonly mutations: readonly Mutation[];
  readonly startTs: bigint;
}

/**
 * "Unique": of each key the last mutation is kept, in the place of that last occurrence.
 *
 * @returns ErrInvalidRequest where any key is empty
 */
export function uniqueMutations(mutations: readonly Mutation[]): readonly Mutation[] | Fault {
  const seen = new Set<ByteString>();
  const kept: Mutation[] = [];
  for (let i = mutations.length - 1; i >= 0; i--) {
    const mutation = mutations[i];
    if (mutation === undefined) break;
    if (mutation.key === '') return invalidRequest('empty key');
    if (seen.has(mutation.key)) continue;
    seen.add(mutation.key);
    kept.push(mutation);
  }
  return kept.reverse();
}

/** Why a raw or one-phase request may not write a key, or null. */
export function refusedKey(key: ByteString): string | null {
  if (key === '') return 'empty key';
  return isInternalKey(key) ? 'internal key' : null;
}
