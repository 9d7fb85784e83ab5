/** The shipped schemas, closed: a field that is not declared fails here, and only here. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './fixtures.js';

const FOLDER = join(ROOT, 'schemas');

/** Every object that lists its properties accepts no others. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, part]) => [key, closed(part)]),
  );
  const lists = 'properties' in inner && !('additionalProperties' in inner);
  return lists ? { ...inner, additionalProperties: false } : inner;
}

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: false });
const known = new Map<string, ValidateFunction>();

export function schemaNames(): string[] {
  return readdirSync(FOLDER).filter((name) => name.endsWith('.schema.json'));
}

/** @param name  `explain`, `encryption-check`, `replay-wal.ndjson` */
function validator(name: string): ValidateFunction {
  const made = known.get(name);
  if (made !== undefined) return made;
  const text = readFileSync(join(FOLDER, `${name}.schema.json`), 'utf8');
  const validate = ajv.compile(closed(JSON.parse(text)) as object);
  known.set(name, validate);
  return validate;
}

/** What is wrong with a document or a record; empty when nothing is. */
export function schemaFaults(name: string, value: unknown): string[] {
  const validate = validator(name);
  if (validate(value) === true) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    return `${name}: ${instancePath} ${message} ${JSON.stringify(params)}`;
  });
}
