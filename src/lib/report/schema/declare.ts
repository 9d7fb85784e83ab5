/**
 * One declaration for two readers: a JSON Schema (2020-12) for whoever parses a document, and the
 * TypeScript type of the value it is rendered from, in which a u64 is a bigint and a field that is
 * left out is undefined.
 */

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Declared<T> {
  readonly schema: JsonSchema;
  /** The field may be missing from its object. */
  readonly optional: boolean;
  /** Never set: carries the type. */
  readonly value?: T;
}

/** The type of the values behind a declaration. */
export type Shape<D> = D extends Declared<infer T> ? T : never;

type Fields = Readonly<Record<string, Declared<unknown>>>;

export type ShapeOf<F extends Fields> = {
  readonly [Name in keyof F]: Shape<F[Name]>;
};

function declared<T>(schema: JsonSchema): Declared<T> {
  return { schema, optional: false };
}

export function text(description?: string): Declared<string> {
  return declared({ type: 'string', ...described(description) });
}

function described(description: string | undefined): JsonSchema {
  return description === undefined ? {} : { description };
}

/** Lower-case hex digits, two a byte. */
export function hexText(description?: string): Declared<string> {
  return declared({ type: 'string', pattern: '^(?:[0-9a-f]{2})*$', ...described(description) });
}

/** An unsigned 64-bit number, which JSON numbers cannot hold: a decimal string. */
export function u64(description?: string): Declared<bigint | string> {
  return declared({
    type: 'string',
    pattern: '^(?:0|[1-9][0-9]{0,19})$',
    ...described(description),
  });
}

/** As u64, and negative where a difference can be. */
export function i64(description?: string): Declared<bigint | string> {
  return declared({
    type: 'string',
    pattern: '^(?:0|-?[1-9][0-9]{0,19})$',
    ...described(description),
  });
}

/** A number of things, below 2^53. */
export function count(description?: string): Declared<number> {
  return declared({ type: 'integer', minimum: 0, ...described(description) });
}

export function flag(description?: string): Declared<boolean> {
  return declared({ type: 'boolean', ...described(description) });
}

export function oneOf<const W extends readonly (string | number | boolean)[]>(
  words: W,
  description?: string,
): Declared<W[number]> {
  return declared({ enum: words, ...described(description) });
}

/** Gives a part a name: it is written once, under `$defs`, and referred to. */
export function named<T>(name: string, inner: Declared<T>): Declared<T> {
  return { ...inner, schema: { title: name, ...inner.schema } };
}

/** The schema with every named part moved to `$defs`. */
export function withDefinitions(schema: JsonSchema): JsonSchema {
  const definitions = new Map<string, unknown>();
  const walk = (value: unknown, top: boolean): unknown => {
    if (Array.isArray(value)) return value.map((item) => walk(item, false));
    if (typeof value !== 'object' || value === null) return value;
    const part = value as JsonSchema;
    const name = part['title'];
    if (!top && typeof name === 'string') {
      const { title: _, ...rest } = part;
      if (!definitions.has(name)) {
        // Set before the walk: parts keep the order in which they are met.
        definitions.set(name, undefined);
        definitions.set(name, walk(rest, true));
      }
      return { $ref: `#/$defs/${name}` };
    }
    return Object.fromEntries(
      Object.entries(part).map(([key, inner]) => [key, walk(inner, false)]),
    );
  };
  const walked = walk(schema, true) as JsonSchema;
  return definitions.size === 0 ? walked : { ...walked, $defs: Object.fromEntries(definitions) };
}

/** One of the words of this version; later versions may have more. */
export function word<const W extends readonly string[]>(
  words: W,
  description?: string,
): Declared<W[number]> {
  return declared({ type: 'string', examples: words, ...described(description) });
}

export function nullable<T>(inner: Declared<T>): Declared<T | null> {
  return declared({ anyOf: [inner.schema, { type: 'null' }] });
}

export function list<T>(item: Declared<T>, description?: string): Declared<readonly T[]> {
  return declared({ type: 'array', items: item.schema, ...described(description) });
}

/** An object whose names are data. */
export function mapOf<T>(
  value: Declared<T>,
  description?: string,
): Declared<Readonly<Record<string, T>>> {
  return declared({
    type: 'object',
    additionalProperties: value.schema,
    ...described(description),
  });
}

/** A field that is left out where it does not apply. */
export function maybe<T>(inner: Declared<T>): Declared<T | undefined> {
  return { schema: inner.schema, optional: true };
}

export function anyOf<const D extends readonly Declared<unknown>[]>(
  ...choices: D
): Declared<Shape<D[number]>> {
  return declared({ anyOf: choices.map(({ schema }) => schema) });
}

/**
 * An object. Fields that are not declared are allowed: later versions may have more, and a reader
 * ignores what it does not know. The tests close every object to see that nothing is missing here.
 */
export function object<F extends Fields>(fields: F, description?: string): Declared<ShapeOf<F>> {
  const names = Object.keys(fields);
  return declared({
    type: 'object',
    ...described(description),
    properties: Object.fromEntries(names.map((name) => [name, fields[name]?.schema])),
    required: names.filter((name) => fields[name]?.optional === false),
  });
}
