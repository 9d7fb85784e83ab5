/** Which declaration describes which command’s `result` and, for streams, its records. */
import { DRY_RUN } from './boot.js';
import { withDefinitions, type Declared, type JsonSchema } from './declare.js';
import { ANY_RESULT, documentSchema, summarySchema } from './envelope.js';
import { EXIT_CODES, EXPLAIN } from './reference.js';
import { REPLAY_RECORDS, REPLAY_RESULT, REPLAY_SUMMARY } from './replay.js';

interface CommandOutput {
  readonly result: Declared<unknown>;
  /** Records of `--format ndjson`, the summary left aside. */
  readonly records?: readonly Declared<unknown>[];
  /** Further fields of the summary. */
  readonly summary?: Declared<unknown>;
}

export const OUTPUTS: Readonly<Record<string, CommandOutput>> = {
  'cold-start-dryrun': { result: DRY_RUN },
  'exit-codes': { result: EXIT_CODES },
  explain: { result: EXPLAIN },
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
