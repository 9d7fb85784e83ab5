/**
 * The node's own words for what goes wrong: error identities (`Err…`) and the fixed parts of errors
 * that have none, with the codes under which this tool reports them. Names and texts are those of
 * the format specs; a text may stand anywhere in a longer line of a node's log.
 */
import type { ErrorCode } from './all.js';

export interface NodeErrorEntry {
  readonly means: string;
  /** The codes that carry it; what the node does and what to look at stands there. */
  readonly codes: readonly ErrorCode[];
}

export type NodeErrorTable = Readonly<Record<string, NodeErrorEntry>>;

const SNAPSHOT_ERRORS = {
  ErrFSMSnapshotNotFound: {
    means: 'The .fsm file that the snapshot token names is not there.',
    codes: ['fsm-not-found'],
  },
  ErrFSMSnapshotTooSmall: {
    means: 'The .fsm file is shorter than its 4-byte footer.',
    codes: ['fsm-too-small'],
  },
  ErrFSMSnapshotTokenInvalid: {
    means: 'The snapshot token has a version that the build does not read.',
    codes: ['fsm-token-version'],
  },
  ErrFSMSnapshotTokenCRC: {
    means: 'The footer of the .fsm is not the CRC that its .snap recorded (step 2 of 3).',
    codes: ['fsm-token-crc'],
  },
  ErrFSMSnapshotFileCRC: {
    means: 'The payload of the .fsm does not have the CRC of its own footer (step 3 of 3).',
    codes: ['fsm-file-crc', 'damaged-body-swapped-in'],
  },
  ErrSnapshotHeaderUnknownMagic: {
    means: 'The payload starts with EKVTHLC and a version that the build does not read.',
    codes: ['fsm-header-unknown-magic'],
  },
  ErrSnapshotHeaderInvalidLength: {
    means: 'The length prefix of a v2 snapshot header is below 16 or above 1024.',
    codes: ['fsm-header-length'],
  },
  ErrSnapshotKeyTooLarge: {
    means: 'A key in a snapshot payload states a length above the limit.',
    codes: ['fsm-key-too-large'],
  },
  ErrSnapshotVersionCountTooLarge: {
    means: 'A key in an EKVMVCC2 payload states more than 2^20 versions.',
    codes: ['fsm-versions-too-many'],
  },
  ErrInvalidChecksum: {
    means: 'The body of an EKVMVCC2 payload does not have the CRC32 of its head.',
    codes: ['fsm-mvcc-checksum'],
  },
} as const satisfies NodeErrorTable;

const APPLY_ERRORS = {
  ErrInvalidRequest: {
    means: 'A request is empty, names an empty or internal key, or lacks mutations.',
    codes: ['invalid-request'],
  },
  ErrUnknownRequestType: {
    means: 'A transaction phase or mutation op is unknown, or not allowed there.',
    codes: ['unknown-request-type'],
  },
  ErrUnknownOp: {
    means: 'The store was handed an operation that it does not know; no log entry leads there.',
    codes: ['unknown-request-type'],
  },
  ErrNotSupported: {
    means: 'The store does not offer what was asked of it; no log entry leads there.',
    codes: ['unknown-request-type'],
  },
  ErrKeyNotFound: {
    means: 'A read found no live version of the key; by itself an ordinary answer.',
    codes: [],
  },
  ErrTxnMetaMissing: {
    means: 'A transaction does not begin with its !txn|meta| record.',
    codes: ['txn-meta-missing'],
  },
  ErrTxnInvalidMeta: {
    means: 'Lock, intent or commit record contradict the transaction that resolves them.',
    codes: ['txn-invalid-meta'],
  },
  ErrTxnCommitTSRequired: {
    means: 'The commit timestamp is 0 or not above the start timestamp.',
    codes: ['txn-commit-ts-required'],
  },
  ErrTxnPrimaryKeyRequired: {
    means: 'The meta record names no primary key.',
    codes: ['txn-primary-key-required'],
  },
  ErrTxnAlreadyCommitted: {
    means: 'An abort meets the commit record of its transaction.',
    codes: ['txn-already-committed'],
  },
  ErrTxnAlreadyAborted: {
    means: 'A commit meets the rollback record of its transaction.',
    codes: ['txn-already-aborted'],
  },
  ErrTxnLocked: {
    means: 'A key is locked by a transaction that has not been resolved.',
    codes: ['txn-locked'],
  },
  ErrWriteConflict: {
    means: 'A key has a version newer than the start timestamp of the request.',
    codes: ['write-conflict', 'metadata-cut-key'],
  },
  ErrValueTooLarge: {
    means: 'A value is longer than 256 MiB, in a request or in a snapshot payload.',
    codes: ['value-too-large', 'fsm-value-too-large'],
  },
  ErrReadTSCompacted: {
    means: 'The read timestamp lies below what retention has kept.',
    codes: ['read-ts-compacted'],
  },
  ErrEncryptedValueReservedState: {
    means: 'A stored value has a reserved flag bit or a reserved encryption state.',
    codes: ['value-reserved-state'],
  },
  ErrComposed1VersionGCd: {
    means: 'A transaction is pinned to a route catalog version that the node no longer has.',
    codes: ['route-not-evaluated'],
  },
  ErrComposed1Violation: {
    means: 'A transaction writes a key that the route catalog gives to another group.',
    codes: ['route-not-evaluated'],
  },
  UnexpectedEOF: {
    means: 'Bytes end inside a field: of a transaction record, a snapshot payload or the log.',
    codes: ['txn-record-cut', 'fsm-payload-cut', 'fsm-header-cut', 'wal-torn'],
  },
} as const satisfies NodeErrorTable;

const ENCRYPTION_ERRORS = {
  ErrInsecureKEKFile: {
    means: 'Group or others have permissions on the KEK file.',
    codes: ['kek-insecure-mode'],
  },
  ErrKEKMismatch: {
    means: 'A wrapped data key of the sidecar does not unwrap with this KEK.',
    codes: ['kek-mismatch'],
  },
  ErrKEKRequiredWithFlag: {
    means: 'Encryption is on and no KEK is configured.',
    codes: ['kek-required'],
  },
  ErrKEKNotConfigured: {
    means: 'An encryption entry needs KEK, key store and sidecar path; one is missing.',
    codes: ['kek-not-configured'],
  },
  ErrSidecarVersion: {
    means: 'The sidecar has a version that the build does not read.',
    codes: ['sidecar-version'],
  },
  ErrSidecarKeyIDFormat: {
    means: 'A key id in the sidecar is not a decimal u32.',
    codes: ['sidecar-key-id-format'],
  },
  ErrSidecarReservedKeyID: {
    means: 'The sidecar has an entry for key id 0.',
    codes: ['sidecar-reserved-key-id'],
  },
  ErrSidecarPurpose: {
    means: 'A key of the sidecar has an unknown purpose.',
    codes: ['sidecar-purpose'],
  },
  ErrSidecarActiveKeyMissing: {
    means: 'An active key id has no entry in the sidecar.',
    codes: ['sidecar-active-key-missing'],
  },
  ErrSidecarActivePurposeMismatch: {
    means: 'An active key id names a key of the other purpose.',
    codes: ['sidecar-active-purpose-mismatch'],
  },
  ErrSidecarPresentWithoutFlag: {
    means: 'A sidecar exists and the node is started with encryption off.',
    codes: ['sidecar-without-flag'],
  },
  ErrSidecarBehindRaftLog: {
    means: 'The log has applied an encryption entry that the sidecar does not know of.',
    codes: ['sidecar-behind-log'],
  },
  ErrLocalEpochExhausted: {
    means: 'An active key has used up its local epochs: its nonces would repeat.',
    codes: ['local-epoch-exhausted'],
  },
  ErrLocalEpochRollback: {
    means: 'The local epoch is not above what the writer registry has seen of this node.',
    codes: ['local-epoch-rollback', 'registry-epoch-ahead'],
  },
  ErrEnvelopeCutoverDivergence: {
    means: 'The newest snapshot and the sidecar name different raft envelope cutovers.',
    codes: ['envelope-cutover-divergence', 'cutover-divergence'],
  },
  ErrNodeIDCollision: {
    means: 'Two members have node ids that agree in their low 16 bits.',
    codes: ['node-id-collision'],
  },
  ErrUnsupportedFilesystem: {
    means: 'The directory of the sidecar cannot be fsynced; not probed offline.',
    codes: ['guard-input-missing'],
  },
  ErrRaftUnwrapFailed: {
    means: 'A wrapped log entry cannot be opened: no cipher, no key, or a wrong tag.',
    codes: ['raft-unwrap-failed'],
  },
  ErrEncryptionApply: {
    means: 'An encryption entry failed in the apply; the node halts at it at every boot.',
    codes: ['encryption-apply', 'encryption-apply-refused', 'kek-not-configured'],
  },
  ErrFSMWireMalformed: {
    means: 'An encryption entry has a wrong length, trailing bytes or an unknown purpose.',
    codes: ['encryption-wire-malformed'],
  },
  ErrFSMWireVersion: {
    means: 'An encryption entry has an unknown wire version.',
    codes: ['encryption-wire-version'],
  },
  ErrFSMWireSubtag: {
    means: 'A rotation entry has an unknown sub-tag.',
    codes: ['encryption-wire-subtag'],
  },
  ErrRegistryValueMalformed: {
    means: 'A row of the writer registry is not 12 bytes long.',
    codes: ['registry-value-malformed'],
  },
  ErrEnvelopeShort: {
    means: 'An encrypted value is shorter than an envelope.',
    codes: ['envelope-short'],
  },
  ErrEnvelopeVersion: {
    means: 'An envelope has an unknown version byte.',
    codes: ['envelope-version'],
  },
  ErrReservedKeyID: { means: 'An envelope names key id 0.', codes: ['envelope-reserved-key-id'] },
  ErrUnknownKeyID: {
    means: 'An envelope names a key that is not loaded.',
    codes: ['envelope-unknown-key', 'key-referenced-missing'],
  },
  ErrKeyConflict: {
    means: 'A key id is already loaded with other key bytes.',
    codes: ['key-conflict'],
  },
  ErrIntegrity: {
    means: 'The tag of an envelope does not verify.',
    codes: ['envelope-tag'],
  },
  ErrEncryptedReadIntegrity: {
    means: 'An encrypted row does not verify, or a row marked clear is an envelope after all.',
    codes: ['envelope-tag', 'row-relabelled', 'value-relabelled'],
  },
} as const satisfies NodeErrorTable;

const LOG_TEXTS = {
  'walpb: crc mismatch': {
    means: 'A record of the log, or the head of a segment, breaks the chain of CRCs.',
    codes: ['wal-crc-mismatch', 'wal-crc-chain'],
  },
  'WAL unrepairable': {
    means: 'The log ends badly, and the repair, which knows the last segment only, cannot help.',
    codes: ['wal-torn', 'wal-crc-mismatch'],
  },
  'unexpected EOF': {
    means: 'The log or a snapshot ends inside a record; in the last segment the boot repairs it.',
    codes: ['wal-torn', 'fsm-payload-cut', 'fsm-header-cut'],
  },
  'wal: slice bounds out of range': {
    means: 'A log entry does not follow the entries before it.',
    codes: ['wal-entry-gap'],
  },
  'wal: snapshot mismatch': {
    means: 'The log’s record of the chosen snapshot has another term.',
    codes: ['wal-snapshot-mismatch'],
  },
  'wal: snapshot not found': {
    means: 'The log has no record of the chosen snapshot.',
    codes: ['wal-snapshot-not-found'],
  },
  'wal: conflicting metadata found': {
    means: 'Two metadata records of one log differ.',
    codes: ['wal-metadata-conflict'],
  },
  'wal: file not found which matches the snapshot index': {
    means: 'Every segment begins behind the chosen snapshot.',
    codes: ['wal-no-segment-for-snapshot'],
  },
  'wal: file not found': {
    means: 'wal/ holds no segment whose name can be parsed.',
    codes: ['wal-no-segment'],
  },
  'wal: file sequence numbers': {
    means: 'A segment is missing between two others.',
    codes: ['wal-sequence-gap'],
  },
  'unexpected block type': {
    means: 'A record of the log has a type that no version writes.',
    codes: ['wal-unknown-record-type'],
  },
  'unmarshal should never fail': {
    means: 'A record of the log has a good CRC and a body that does not parse: the process dies.',
    codes: ['wal-message-malformed'],
  },
  'snap: empty snapshot': {
    means: 'A .snap file is empty, or its data or checksum field is.',
    codes: ['snap-empty'],
  },
  'snap: crc mismatch': {
    means: 'The data of a .snap file does not have the CRC stored beside it.',
    codes: ['snap-crc-mismatch'],
  },
  'tocommit(': {
    means: 'A leader counts entries as stored here that are gone: the process dies.',
    codes: ['later-panic-possible', 'committed-entry-cut'],
  },
  'requested index is unavailable due to compaction': {
    means: 'The log was compacted under a replay, or a start-up guard needs compacted entries.',
    codes: ['snapshot-during-replay', 'sidecar-gap-compacted'],
  },
  'makeslice: len out of range': {
    means: 'A transaction record states an absurd length: the process dies in the apply.',
    codes: ['txn-length-panic'],
  },
  'contains legacy hashicorp/raft artifacts': {
    means: 'The directory belongs to the removed hashicorp/raft backend.',
    codes: ['hashicorp-raft'],
  },
  'invalid raft engine marker': {
    means: 'The file raft-engine names another engine.',
    codes: ['engine-marker'],
  },
  'truncated snapshot: partial magic header': {
    means: 'The store payload of a snapshot has 1 to 7 bytes.',
    codes: ['fsm-payload-partial-magic'],
  },
  'unrecognized snapshot format: unknown magic header': {
    means: 'The store payload of a snapshot starts with an unknown magic.',
    codes: ['fsm-payload-unknown-magic'],
  },
  'invalid etcd raft peers magic': {
    means: 'The peers file does not begin with EKVP.',
    codes: ['peers-bad-magic'],
  },
  'unsupported etcd raft peers version': {
    means: 'The peers file was written by a newer build.',
    codes: ['peers-unsupported-version'],
  },
} as const satisfies NodeErrorTable;

export const NODE_ERRORS: NodeErrorTable = {
  ...SNAPSHOT_ERRORS,
  ...APPLY_ERRORS,
  ...ENCRYPTION_ERRORS,
  ...LOG_TEXTS,
};
