import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../../../src/lib/core/errors.js';
import { FileSource } from '../../../src/lib/io/file-source.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { kekStateOf, sidecarStateOf } from '../../../src/lib/encryption/guard-inputs.js';
import { parseSidecar, type Sidecar } from '../../../src/lib/encryption/sidecar.js';
import { encodeSidecar } from '../../../src/lib/encryption/sidecar-text.js';
import { unwrapKeys } from '../../../src/lib/encryption/unwrap-keys.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';
import { dropFixture, fixtureNames, unpackFixture } from '../../support/fixtures.js';

const KEY = '{"purpose":"storage","wrapped":"AAAA","created":"c","local_epoch":3}';
const RAFT_KEY = '{"purpose":"raft"}';

function parse(text: string | Uint8Array): Sidecar {
  return parseSidecar(Buffer.from(text), 'keys.json');
}

function refusal(text: string | Uint8Array): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ToolError) return error.nodeError ?? error.code;
    throw error;
  }
  return 'accepted';
}

function text(sidecar: Sidecar): string {
  return Buffer.from(encodeSidecar(sidecar)).toString();
}

function state(json: string): string {
  return sidecarStateOf(() => new MemorySource('keys.json', Buffer.from(json))).kind;
}

describe('encryption/sidecar', () => {
  it('reads every field, u64 exactly', () => {
    const sidecar = parse(
      `{"version":2,"raft_applied_index":18446744073709551615,"storage_envelope_active":true,
       "storage_envelope_cutover_index":9007199254740993,"raft_envelope_cutover_index":7,
       "active":{"storage":5,"raft":4294967295},"keys":{"5":${KEY},"4294967295":${RAFT_KEY}}}`,
    );
    expect(sidecar.raftAppliedIndex).to.equal(18446744073709551615n);
    expect(sidecar.storageEnvelopeCutoverIndex).to.equal(9007199254740993n);
    expect(sidecar.raftEnvelopeCutoverIndex).to.equal(7n);
    expect(sidecar.storageEnvelopeActive).to.equal(true);
    expect(sidecar.active).to.deep.equal({ storage: 5, raft: 4294967295 });
    expect({ ...sidecar.keys.get('5'), wrapped: 0 }).to.deep.equal({
      id: 5,
      purpose: 'storage',
      wrapped: 0,
      created: 'c',
      localEpoch: 3,
    });
    expect([...sidecar.keys.get('5')!.wrapped]).to.deep.equal([0, 0, 0]);
    expect(sidecar.keys.get('4294967295')!.wrapped).to.have.length(0);
  });

  const accepted: readonly [string, string, string][] = [
    ['a minimal text', '{"version":1}', ''],
    ['names in any case', '{"VERSION":2,"Raft_Applied_INDEX":5}', '"raft_applied_index": 5,'],
    [
      'the characters that fold into ASCII',
      '{"ver\u017fion":2,"\u212aeys":{"7":' + KEY + '}}',
      '"7": {',
    ],
    ['unknown names', '{"version":2,"later":{"a":[1,2]}}', ''],
    ['names of Object.prototype', '{"version":2,"constructor":1,"__proto__":{"version":9}}', ''],
    ['null, which changes nothing', '{"version":2,"version":null,"active":null,"keys":null}', ''],
    ['a repeated name: the last wins', '{"version":9,"version":2}', ''],
    [
      'repeated structs and maps: they merge',
      `{"version":2,"keys":{"1":${RAFT_KEY}},"keys":{"2":${KEY}},"active":{"raft":1},"active":{"storage":2}}`,
      '"storage": 2,\n    "raft": 1',
    ],
    [
      'a repeated key entry: replaced whole',
      `{"version":2,"keys":{"1":${KEY},"1":${RAFT_KEY}}}`,
      '"purpose": "raft",\n      "wrapped": "",\n      "created": "",\n      "local_epoch": 0',
    ],
    [
      'keys set to null after entries',
      `{"version":2,"keys":{"0":${KEY}},"keys":null}`,
      '"keys": {}',
    ],
    [
      'line breaks in base64',
      `{"version":2,"keys":{"1":{"purpose":"raft","wrapped":"AA\\r\\nAA"}}}`,
      '"AAAA"',
    ],
    ['white space around', ' \r\n\t{"version":2}\n', ''],
    [
      'an epoch of 65535',
      '{"version":2,"keys":{"1":{"purpose":"raft","local_epoch":65535}}}',
      '65535',
    ],
    ['a padded key id', `{"version":2,"keys":{"007":${KEY}}}`, '"007": {'],
  ];
  for (const [name, json, contains] of accepted) {
    it(`accepts ${name}`, () => expect(text(parse(json))).to.contain(contains));
  }

  const refused: readonly [string, string, string][] = [
    ['an empty file', '', 'sidecar-json'],
    ['a BOM', '\ufeff{"version":2}', 'sidecar-json'],
    ['a second value', '{"version":2}{}', 'sidecar-json'],
    ['an array', '[]', 'sidecar-json'],
    ['a string', '"version"', 'sidecar-json'],
    ['null', 'null', 'ErrSidecarVersion'],
    ['no version', '{}', 'ErrSidecarVersion'],
    ['version 0', '{"version":0}', 'ErrSidecarVersion'],
    ['version 3', '{"version":3}', 'ErrSidecarVersion'],
    ['a version in quotes', '{"version":"2"}', 'sidecar-json'],
    ['a fraction', '{"version":2.0}', 'sidecar-json'],
    ['an exponent', '{"version":2,"raft_applied_index":1e3}', 'sidecar-json'],
    ['a negative index', '{"version":2,"raft_applied_index":-1}', 'sidecar-json'],
    ['an index of 2^64', '{"version":2,"raft_applied_index":18446744073709551616}', 'sidecar-json'],
    ['a switch that is a number', '{"version":2,"storage_envelope_active":1}', 'sidecar-json'],
    ['an active id of 2^32', '{"version":2,"active":{"raft":4294967296}}', 'sidecar-json'],
    ['an epoch of 65536', '{"version":2,"keys":{"1":{"local_epoch":65536}}}', 'sidecar-json'],
    ['keys as a list', '{"version":2,"keys":[]}', 'sidecar-json'],
    ['a key that is a number', '{"version":2,"keys":{"1":1}}', 'sidecar-json'],
    ['base64 without padding', '{"version":2,"keys":{"1":{"wrapped":"AAA"}}}', 'sidecar-json'],
    ['base64 of the URL alphabet', '{"version":2,"keys":{"1":{"wrapped":"AA-_"}}}', 'sidecar-json'],
    ['padding in the middle', '{"version":2,"keys":{"1":{"wrapped":"A===AAAA"}}}', 'sidecar-json'],
    ['a hex key id', `{"version":2,"keys":{"0x5":${KEY}}}`, 'ErrSidecarKeyIDFormat'],
    ['an empty key id', `{"version":2,"keys":{"":${KEY}}}`, 'ErrSidecarKeyIDFormat'],
    ['a signed key id', `{"version":2,"keys":{"+5":${KEY}}}`, 'ErrSidecarKeyIDFormat'],
    ['a key id of 2^32', `{"version":2,"keys":{"4294967296":${KEY}}}`, 'ErrSidecarKeyIDFormat'],
    ['key id 0', `{"version":2,"keys":{"0":${KEY}}}`, 'ErrSidecarReservedKeyID'],
    ['key id 00', `{"version":2,"keys":{"00":${KEY}}}`, 'ErrSidecarReservedKeyID'],
    ['an unknown purpose', '{"version":2,"keys":{"1":{"purpose":"Storage"}}}', 'ErrSidecarPurpose'],
    ['a key that is null', '{"version":2,"keys":{"1":null}}', 'ErrSidecarPurpose'],
    [
      'an active storage key that is missing',
      '{"version":2,"active":{"storage":1}}',
      'ErrSidecarActiveKeyMissing',
    ],
    [
      'an active raft key that is missing',
      '{"version":2,"active":{"raft":1}}',
      'ErrSidecarActiveKeyMissing',
    ],
    [
      'an active key spelt otherwise',
      `{"version":2,"active":{"storage":5},"keys":{"05":${KEY}}}`,
      'ErrSidecarActiveKeyMissing',
    ],
    [
      'an active key of the other purpose',
      `{"version":2,"active":{"raft":5},"keys":{"5":${KEY}}}`,
      'ErrSidecarActivePurposeMismatch',
    ],
    // The order of the checks: each case has the next fault as well.
    ['version before key ids', `{"version":3,"keys":{"x":${KEY}}}`, 'ErrSidecarVersion'],
    ['types before version', '{"version":3,"keys":[]}', 'sidecar-json'],
    [
      'id format before purpose',
      '{"version":2,"keys":{"x":{"purpose":"y"}}}',
      'ErrSidecarKeyIDFormat',
    ],
    [
      'id 0 before purpose',
      '{"version":2,"keys":{"0":{"purpose":"y"}}}',
      'ErrSidecarReservedKeyID',
    ],
    [
      'purpose before active ids',
      '{"version":2,"active":{"storage":9},"keys":{"1":{"purpose":"y"}}}',
      'ErrSidecarPurpose',
    ],
    [
      'storage before raft, existence before purpose',
      `{"version":2,"active":{"storage":1,"raft":9},"keys":{"1":${RAFT_KEY}}}`,
      'ErrSidecarActivePurposeMismatch',
    ],
  ];
  for (const [name, json, want] of refused) {
    it(`refuses ${name}: ${want}`, () => expect(refusal(json)).to.equal(want));
  }

  it('names file and offset of a type error', () => {
    try {
      parse('{"version":2,"raft_applied_index":1.5}');
      expect.fail('accepted');
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      expect(error.message).to.equal('keys.json @34: raft_applied_index is not a u64');
    }
  });

  it('writes fields in order, keys as strings, and no final newline', () => {
    const sidecar = parse(
      `{"version":1,"raft_applied_index":9007199254740993,"keys":{"9":${RAFT_KEY},"10":${KEY}}}`,
    );
    expect(text(sidecar)).to.equal(`{
  "version": 2,
  "raft_applied_index": 9007199254740993,
  "storage_envelope_active": false,
  "storage_envelope_cutover_index": 0,
  "raft_envelope_cutover_index": 0,
  "active": {
    "storage": 0,
    "raft": 0
  },
  "keys": {
    "10": {
      "purpose": "storage",
      "wrapped": "AAAA",
      "created": "c",
      "local_epoch": 3
    },
    "9": {
      "purpose": "raft",
      "wrapped": "",
      "created": "",
      "local_epoch": 0
    }
  }
}`);
  });

  it('escapes text as Go does', () => {
    const odd = '{"version":2,"keys":{"1":{"purpose":"raft","created":"<a&b>\\u2028\\""}}}';
    expect(text(parse(odd))).to.contain(String.raw`"created": "\u003ca\u0026b\u003e\u2028\""`);
  });

  it('states: missing, valid, invalid', () => {
    const missing = sidecarStateOf(() => new FileSource(join('/nonexistent', 'keys.json')));
    expect(missing.kind).to.equal('missing');
    expect([state('{"version":2}'), state('{"version":3}'), state('{')]).to.deep.equal([
      'valid',
      'invalid',
      'invalid',
    ]);
  });

  it('every real sidecar parses, is written back to the byte, and unwraps with its KEK or not at all', () => {
    let agree = 0;
    let of = 0;
    let mismatches = 0;
    for (const kind of ['guards', 'nodes'] as const) {
      for (const name of fixtureNames(kind)) {
        const dir = unpackFixture(kind, name);
        const path = join(dir, 'encryption', 'keys.json');
        if (!existsSync(path)) {
          dropFixture(kind, name);
          continue;
        }
        of++;
        const bytes = readFileSync(path);
        const sidecar = parseSidecar(bytes, path);
        // A version 1 file gains a field when it is written; none of the recorded ones is.
        if (sidecar.version === 2 && text(sidecar) === bytes.toString()) agree++;
        if (existsSync(join(dir, 'kek.bin'))) {
          const kek = kekStateOf(() => new FileSource(join(dir, 'kek.bin')));
          if (kek.kind !== 'loaded') throw new Error(`${name}: ${kek.kind}`);
          const keys = unwrapKeys(sidecar, kek.kek);
          if (keys instanceof Fault) {
            expect(keys.names).to.deep.equal(['ErrKEKMismatch']);
            mismatches++;
          } else {
            const ids = [...sidecar.keys.values()].map(({ id }) => id).sort((a, b) => a - b);
            expect(keys.ids()).to.deep.equal(ids);
          }
        }
        dropFixture(kind, name);
      }
    }
    process.stdout.write(
      `      real sidecars: agree ${agree} of ${of}, ${mismatches} foreign KEKs\n`,
    );
    expect(agree).to.equal(of).and.to.be.greaterThan(5);
  });

  it('any cut is no JSON; any flipped bit is a sidecar or a named refusal', () => {
    const dir = unpackFixture('guards', fixtureNames('guards')[0]!);
    const bytes = readFileSync(join(dir, 'encryption', 'keys.json'));
    for (let end = 0; end < bytes.length; end++) {
      expect(refusal(bytes.subarray(0, end)), `cut at ${end}`).to.equal('sidecar-json');
    }
    const outcomes = new Set<string>();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      outcomes.add(refusal(bytes));
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect([...outcomes].filter((o) => !o.startsWith('ErrSidecar')).sort()).to.deep.equal([
      'accepted',
      'sidecar-json',
    ]);
  });
});
