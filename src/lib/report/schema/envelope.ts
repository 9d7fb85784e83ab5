/** The envelope of every document and the summary of every stream (spec/output.md §1). */
import { EXIT_MEANINGS, SEVERITIES } from '../exit-status.js';
import {
  list,
  named,
  nullable,
  object,
  oneOf,
  text,
  u64,
  type Declared,
  type JsonSchema,
} from './declare.js';

const FINDING = named(
  'finding',
  object(
    {
      code: text('Stable; `ekv explain CODE` says what it means.'),
      severity: oneOf(SEVERITIES),
      file: nullable(text('Relative to the input where it lies below it.')),
      offset: nullable(u64('Absolute byte offset in the file.')),
      index: nullable(u64('Raft index.')),
      message: text('For people; may change.'),
      nodeError: nullable(text('The node’s own name for it.')),
      next: list(text(), 'Commands that can be pasted as they are.'),
    },
    'One observation about the input.',
  ),
);

const FAILURE = named(
  'failure',
  object(
    {
      code: text('Stable; `ekv explain CODE` says what it means.'),
      message: text('For people; may change.'),
      file: nullable(text()),
      offset: nullable(u64()),
    },
    'Why there is no result.',
  ),
);

const HEAD = {
  formatVersion: text('MAJOR.MINOR; see docs/json.md.'),
  tool: object({ name: text(), version: text() }),
  command: text('The command’s words.'),
  inputs: list(object({ path: text('As given.'), kind: text() })),
  verdict: nullable(text('The command’s own word; null when it failed.')),
  exitCode: oneOf(EXIT_MEANINGS.map(({ code }) => code)),
  findings: list(FINDING),
} as const;

/** `^1\.` and nothing else: a reader of these schemas rejects another major version. */
const MAJOR = { type: 'string', pattern: '^1\\.[0-9]+$' };

function withHead(
  fields: Readonly<Record<string, JsonSchema>>,
  names: readonly string[],
): JsonSchema {
  const properties = Object.fromEntries(
    Object.entries<Declared<unknown>>(HEAD).map(([name, { schema }]) => [name, schema]),
  );
  return {
    type: 'object',
    properties: { ...properties, formatVersion: MAJOR, ...fields },
    required: [...Object.keys(HEAD), ...names],
  };
}

/** The document of `--json`: with a result, or with an error. */
export function documentSchema(command: string, result: JsonSchema): JsonSchema {
  const name = { const: command };
  return {
    oneOf: [
      withHead({ command: name, verdict: { type: 'string' }, result }, ['result']),
      withHead(
        {
          command: name,
          verdict: { type: 'null' },
          error: FAILURE.schema,
          result: { type: 'null' },
        },
        ['error', 'result'],
      ),
    ],
  };
}

/** The last record of a stream, with counts of the command’s own. */
export function summarySchema(command: string, extra: JsonSchema): JsonSchema {
  const own = (extra['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const type = { const: 'summary' };
  return withHead({ type, command: { const: command }, error: FAILURE.schema, ...own }, ['type']);
}

/** A result that no declaration describes yet. */
export const ANY_RESULT: JsonSchema = { type: 'object' };
