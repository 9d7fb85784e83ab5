/** Which declaration describes which command’s `result` and, for streams, its records. */
import { DRY_RUN } from './boot.js';
import { COMPARE } from './compare.js';
import { withDefinitions, type Declared, type JsonSchema } from './declare.js';
import {
  ENCRYPTION_CHECK,
  ENCRYPTION_RECORDS,
  ENCRYPTION_ROWS,
  ENCRYPTION_SUMMARY,
} from './encryption.js';
import { ANY_RESULT, documentSchema, summarySchema } from './envelope.js';
import { INSPECT } from './inspect.js';
import { EXIT_CODES, EXPLAIN } from './reference.js';
import { REPLAY_RECORDS, REPLAY_RESULT, REPLAY_SUMMARY } from './replay.js';
import { SNAPSHOTS } from './snapshots.js';
import { VERIFY } from './verify.js';
import { EXTRACT_PAYLOAD, REPAIR_WAL, RESTORE, UPGRADE_HEADER, WRAP_PAYLOAD } from './write.js';

interface CommandOutput {
  readonly result: Declared<unknown>;
  /** Records of `--format ndjson`, the summary left aside. */
  readonly records?: readonly Declared<unknown>[];
  /** Further fields of the summary. */
  readonly summary?: Declared<unknown>;
}

export const OUTPUTS: Readonly<Record<string, CommandOutput>> = {
  'cold-start-dryrun': { result: DRY_RUN },
  compare: { result: COMPARE },
  'encryption check': { result: ENCRYPTION_CHECK },
  'encryption rows': {
    result: ENCRYPTION_ROWS,
    records: ENCRYPTION_RECORDS,
    summary: ENCRYPTION_SUMMARY,
  },
  'exit-codes': { result: EXIT_CODES },
  explain: { result: EXPLAIN },
  'extract-payload': { result: EXTRACT_PAYLOAD },
  inspect: { result: INSPECT },
  'repair-wal': { result: REPAIR_WAL },
  restore: { result: RESTORE },
  snapshots: { result: SNAPSHOTS },
  'upgrade-header': { result: UPGRADE_HEADER },
  'verify-crc': { result: VERIFY },
  'wrap-payload': { result: WRAP_PAYLOAD },
  'replay-wal': { result: REPLAY_RESULT, records: REPLAY_RECORDS, summary: REPLAY_SUMMARY },
};

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** The schema of a command’s `--json` document; one that is not declared has any result. */
export function commandSchema(words: string, title: string): JsonSchema {
  const output = OUTPUTS[words];
  return withDefinitions({
    $schema: DIALECT,
    $id: `ekv:schema/1/${words.replaceAll(' ', '-')}`,
    title,
    ...documentSchema(words, output?.result.schema ?? ANY_RESULT),
  });
}

/** The schema of one line of a command’s stream; undefined for a command without. */
export function streamSchema(words: string, title: string): JsonSchema | undefined {
  const output = OUTPUTS[words];
  if (output?.records === undefined) return undefined;
  return withDefinitions({
    $schema: DIALECT,
    $id: `ekv:schema/1/${words.replaceAll(' ', '-')}.ndjson`,
    title: `${title} One line of --format ndjson.`,
    anyOf: [
      ...output.records.map(({ schema }) => schema),
      summarySchema(words, output.summary?.schema ?? {}),
    ],
  });
}
