import { expect } from 'chai';
import fc from 'fast-check';
import {
  jsonMember,
  jsonSigned,
  jsonUnsigned,
  parseJson,
  type JsonOptions,
  type JsonValue,
} from '../../../src/lib/bytes/json.js';
import { ToolError } from '../../../src/lib/core/errors.js';

const utf8 = new TextEncoder();

function parse(text: string | Uint8Array, options: Partial<JsonOptions> = {}): JsonValue {
  const bytes = typeof text === 'string' ? utf8.encode(text) : text;
  return parseJson(bytes, { path: 'x.json', ...options });
}

/** As JSON.parse would have it: the oracle's view of our tree. */
function plain(value: JsonValue): unknown {
  switch (value.kind) {
    case 'null':
      return null;
    case 'boolean':
    case 'string':
      return value.value;
    case 'number':
      return Number(value.text);
    case 'array':
      return value.items.map(plain);
    case 'object': {
      const entries = value.members.map(({ name, value }) => [name, plain(value)] as const);
      return Object.fromEntries(entries);
    }
  }
}

function failure(text: string | Uint8Array, options: Partial<JsonOptions> = {}): ToolError {
  try {
    parse(text, options);
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
  throw new Error(`accepted: ${String(text)}`);
}

function deep(n: number): string {
  return '['.repeat(n) + ']'.repeat(n);
}

describe('bytes/json', () => {
  it('keeps a u64 exact', () => {
    const value = parse('{"a": 18446744073709551615, "b": 9007199254740993}');
    if (value.kind !== 'object') throw new Error('not an object');
    expect(jsonUnsigned(jsonMember(value, 'a')!, 64)).to.equal(18446744073709551615n);
    expect(jsonUnsigned(jsonMember(value, 'b')!, 64)).to.equal(9007199254740993n);
    expect(jsonMember(value, 'c')).to.equal(undefined);
  });

  it('reads integers as Go does: digits only, within the width', () => {
    const unsigned: readonly [string, number, bigint | undefined][] = [
      ['0', 64, 0n],
      ['65535', 16, 65535n],
      ['65536', 16, undefined],
      ['18446744073709551616', 64, undefined],
      ['99999999999999999999999', 64, undefined],
      ['-0', 64, undefined],
      ['-1', 64, undefined],
      ['1.0', 64, undefined],
      ['1e3', 64, undefined],
      ['"1"', 64, undefined],
      ['null', 64, undefined],
    ];
    for (const [text, bits, want] of unsigned) {
      expect(jsonUnsigned(parse(text), bits), text).to.equal(want);
    }
    const signed: readonly [string, bigint | undefined][] = [
      ['9223372036854775807', 9223372036854775807n],
      ['9223372036854775808', undefined],
      ['-9223372036854775808', -9223372036854775808n],
      ['-9223372036854775809', undefined],
      ['-0', 0n],
      ['1.0', undefined],
    ];
    for (const [text, want] of signed) expect(jsonSigned(parse(text), 64), text).to.equal(want);
  });

  it('gives every value its absolute offset', () => {
    const value = parse(' {"a":[1, true]}', { base: 100 });
    expect(value).to.deep.equal({
      kind: 'object',
      offset: 101,
      members: [
        {
          name: 'a',
          offset: 102,
          value: {
            kind: 'array',
            offset: 106,
            items: [
              { kind: 'number', text: '1', offset: 107 },
              { kind: 'boolean', value: true, offset: 110 },
            ],
          },
        },
      ],
    });
  });

  it('keeps repeated names in order, or refuses them', () => {
    const value = parse('{"a":1,"b":2,"a":3}');
    if (value.kind !== 'object') throw new Error('not an object');
    expect(value.members.map((m) => m.name)).to.deep.equal(['a', 'b', 'a']);
    expect(plain(jsonMember(value, 'a')!)).to.equal(3);
    const error = failure('{"a":1,"b":{"a":1},"\\u0061":3}', { duplicates: 'reject' });
    expect([error.code, error.site?.offset]).to.deep.equal(['json-duplicate-key', 19]);
  });

  it('accepts what JSON.parse accepts and gives the same value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5, stringUnit: 'grapheme' }), fc.boolean(), (text, wide) => {
        const spaced = wide ? JSON.stringify(JSON.parse(text), null, '\t ') : text;
        expect(plain(parse(spaced))).to.deep.equal(JSON.parse(spaced));
      }),
    );
  });

  it('accepts exactly the texts that JSON.parse accepts', () => {
    const unit = fc.constantFrom(
      ...'{}[]",:0123-+.eEtrufalsn\\ \n\t\r\u0001x"'.split(''),
      '\\u00e9',
    );
    const texts = fc.array(unit, { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(texts, (text) => {
        let want = true;
        try {
          JSON.parse(text);
        } catch {
          want = false;
        }
        let got = true;
        try {
          parse(text);
        } catch (error) {
          expect(error).to.be.instanceOf(ToolError);
          got = false;
        }
        expect(got, JSON.stringify(text)).to.equal(want);
      }),
      { numRuns: 5000 },
    );
  });

  it('names the place of each syntax error', () => {
    const cases: readonly [string, number, string][] = [
      ['', 0, 'ends where a value must stand'],
      ['{"version":2,', 13, 'ends where a name in quotes must stand'],
      ['[1,]', 3, 'where a value must stand'],
      ['{"a" 1}', 5, 'where a colon must stand'],
      ['{"a":1 "b":2}', 7, 'after an object member'],
      ['[1 2]', 3, 'after an item'],
      ['{} x', 3, 'after the value'],
      ['01', 1, 'after the value'],
      ['-', 1, 'where a digit must stand'],
      ['1.', 2, 'where a digit must stand'],
      ['1e+', 3, 'where a digit must stand'],
      ['tru', 3, 'in true'],
      ['"a\nb"', 2, 'in a string'],
      ['"\\x"', 2, 'behind a backslash'],
      ['"\\u12g4"', 5, 'in a \\u escape'],
      ['\ufeff{}', 0, 'where a value must stand'],
      ['\u00a01', 0, 'where a value must stand'],
    ];
    for (const [text, offset, message] of cases) {
      const error = failure(text);
      expect([error.code, error.site?.offset], text).to.deep.equal(['json-syntax', offset]);
      expect(error.detail).to.contain(message);
    }
  });

  it('fails at every truncation of an object and never echoes its text', () => {
    const text = '{"wrapped":"c2VjcmV0", "n":[1.5e3,null,{"k":false}]}';
    for (let end = 0; end < text.length; end++) {
      expect(failure(text.slice(0, end)).message).to.not.contain('c2V');
    }
  });

  it('replaces what is not UTF-8 and half surrogates, as Go does', () => {
    const bytes = Uint8Array.of(0x22, 0x61, 0xff, 0x62, 0x22);
    expect(plain(parse(bytes))).to.equal('a\ufffdb');
    expect(plain(parse('"\\ud83d\\ude00"'))).to.equal('\u{1f600}');
    expect(plain(parse('"\\ud83dx"'))).to.equal('\ufffdx');
    expect(plain(parse('"\\ud83d\\u0041"'))).to.equal('\ufffdA');
    expect(plain(parse('"\\ude00"'))).to.equal('\ufffd');
    expect(plain(parse('"\\ud83d\\ud83d\\ude00"'))).to.equal('\ufffd\u{1f600}');
    expect(plain(parse('"\ufeffa"'))).to.equal('\ufeffa');
  });

  it('stops at its limits: depth, bytes, values', () => {
    expect(parse(deep(10_000)).kind).to.equal('array');
    expect(failure(deep(10_001)).code).to.equal('json-syntax');
    expect(failure(deep(3), { maxDepth: 2 }).site?.offset).to.equal(2);
    expect(failure('[1,2,3]', { maxValues: 3 }).code).to.equal('limit-exceeded');
    expect(failure('   ', { maxBytes: 2 }).code).to.equal('limit-exceeded');
  });
});
