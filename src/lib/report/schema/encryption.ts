/** `ekv encryption check` and `ekv encryption rows`. */
import {
  anyOf,
  count,
  flag,
  hexText,
  list,
  mapOf,
  maybe,
  nullable,
  object,
  oneOf,
  text,
  u64,
  word,
} from './declare.js';

export const ENCRYPTION_CHECK = object({
  keysGiven: flag('Sidecar and KEK were given.'),
  sidecar: nullable(
    object({
      version: count(),
      raftAppliedIndex: u64(),
      storageEnvelopeActive: flag(),
      storageEnvelopeCutoverIndex: u64(),
      raftEnvelopeCutoverIndex: u64(),
      active: object({ storage: count(), raft: count() }, 'Key ids, 0: none.'),
    }),
  ),
  keys: list(
    object({
      id: count(),
      purpose: word(['storage', 'raft']),
      active: flag(),
      localEpoch: count(),
      created: text(),
      unwraps: nullable(flag('With the KEK given; null: not tried.')),
    }),
  ),
  cutover: object({
    index: u64(),
    from: word(['sidecar', 'snapshot-header', 'enable-entry', 'form', 'none']),
  }),
  places: list(
    object({
      name: text(),
      kind: word(['store', 'snapshot', 'log']),
      whole: flag('Read to its end.'),
      rows: count(),
      clearRows: count(),
      encryptedRows: count(),
      wrappedEntries: count(),
      verified: count(),
      failed: count(),
      malformed: count(),
      relabelledRows: count(),
      reusedNonces: count(),
      keys: list(
        object({
          keyId: count(),
          rows: count(),
          entries: count(),
          firstIndex: nullable(u64()),
          lastIndex: nullable(u64()),
          firstTs: nullable(u64()),
          lastTs: nullable(u64()),
          verified: count(),
          failed: count(),
        }),
      ),
      writers: list(
        object({
          keyId: count(),
          nodeId16: count(),
          localEpoch: count(),
          envelopes: count(),
          highestCount: u64('The highest write count of a nonce.'),
        }),
      ),
    }),
  ),
  wrappedEntries: mapOf(count(), 'Where wrapped entries of the log stand.'),
  registry: list(
    object({
      dekId: count(),
      nodeId16: count(),
      fullNodeId: u64(),
      firstSeenEpoch: count(),
      lastSeenEpoch: count(),
    }),
  ),
  restart: nullable(
    object(
      {
        sidecarAppliedIndex: u64(),
        snapshotIndex: u64(),
        appliedIndex: u64(),
        lastEncryptionEntry: nullable(object({ index: u64(), opcode: count(), wrapped: flag() })),
        state: text(),
        errors: list(text()),
        message: nullable(text()),
        entriesLeft: nullable(u64()),
      },
      'Whether the next start refuses.',
    ),
  ),
});

const SEALED = {
  place: text(),
  keyId: count(),
  nodeId16: count(),
  localEpoch: count(),
  writeCount: u64(),
  length: count(),
  verified: nullable(flag()),
  error: nullable(text()),
} as const;

const ROW = object({
  type: oneOf(['row']),
  ...SEALED,
  keyHex: hexText(),
  ts: u64(),
  valueHex: maybe(hexText('With --decrypt.')),
});

const WRAPPED = object({
  type: oneOf(['entry']),
  ...SEALED,
  index: u64(),
  term: u64(),
  standing: word(['in-force', 'in-snapshot', 'superseded']),
  payloadHex: maybe(hexText('With --decrypt.')),
});

const COUNTS = { records: count(), failed: count(), notVerified: count(), more: flag() } as const;

export const ENCRYPTION_RECORDS = [ROW, WRAPPED] as const;
export const ENCRYPTION_SUMMARY = object(COUNTS);
export const ENCRYPTION_ROWS = object({ ...COUNTS, list: list(anyOf(ROW, WRAPPED)) });
