/** The errors requests are answered with (spec/fsm-apply.md §5, §6), as values. */
import type { ByteString } from '../bytes/byte-string.js';
import { Fault } from '../mvcc/fault.js';

export function invalidRequest(text: string): Fault {
  return new Fault('invalid-request', ['ErrInvalidRequest'], text);
}

export function unknownRequestType(text: string): Fault {
  return new Fault('unknown-request-type', ['ErrUnknownRequestType'], text);
}

export function txnMetaMissing(): Fault {
  const text = 'the first mutation is not a !txn|meta| record';
  return new Fault('txn-meta-missing', ['ErrTxnMetaMissing'], text);
}

export function txnInvalidMeta(text: string): Fault {
  return new Fault('txn-invalid-meta', ['ErrTxnInvalidMeta'], text);
}

export function commitTsRequired(commitTs: bigint, startTs: bigint): Fault {
  const text = commitTs === 0n ? 'no commit timestamp' : `commit ${commitTs} <= start ${startTs}`;
  return new Fault('txn-commit-ts-required', ['ErrTxnCommitTSRequired'], text);
}

export function primaryKeyRequired(): Fault {
  const text = 'the primary key is empty';
  return new Fault('txn-primary-key-required', ['ErrTxnPrimaryKeyRequired'], text);
}

export function alreadyCommitted(): Fault {
  const text = 'the transaction has a commit record';
  return new Fault('txn-already-committed', ['ErrTxnAlreadyCommitted'], text);
}

export function alreadyAborted(): Fault {
  const text = 'the transaction has a rollback record';
  return new Fault('txn-already-aborted', ['ErrTxnAlreadyAborted'], text);
}

export function txnLocked(key: ByteString): Fault {
  return new Fault('txn-locked', ['ErrTxnLocked'], 'the key is locked', { key });
}

export function writeConflict(key: ByteString): Fault {
  const text = 'the key has a version newer than the start timestamp';
  return new Fault('write-conflict', ['ErrWriteConflict'], text, { key });
}

export function valueTooLarge(length: number): Fault {
  return new Fault('value-too-large', ['ErrValueTooLarge'], `value of ${length} B`);
}
