import { expect } from 'chai';
import fc from 'fast-check';
import { hex, unhex } from '../../../src/lib/bytes/hex.js';
import { PROTO_36, PROTO_37, type ProtoDialect } from '../../../src/lib/proto/dialect.js';
import { ProtoError } from '../../../src/lib/proto/proto-error.js';
import { WireReader } from '../../../src/lib/proto/wire-reader.js';
import { WireWriter, varintLength } from '../../../src/lib/proto/wire-writer.js';

interface Read {
  n: bigint;
  data: string;
  list: bigint[];
  unknown: string | undefined;
}

/** A message with 1 n: uint64, 2 data: bytes, 3 list: repeated uint64. */
function read(text: string, dialect: ProtoDialect): Read {
  const bytes = unhex(text.replaceAll(' ', ''))!;
  const r = new WireReader(dialect).reset(bytes, 0, bytes.length, 'Test');
  const out: Read = { n: 0n, data: '', list: [], unknown: undefined };
  while (r.next()) {
    if (r.field === 1) {
      if (r.varint('N')) out.n = r.u64();
    } else if (r.field === 2) {
      if (r.range('Data')) out.data = hex(r.view());
    } else if (r.field === 3) r.repeatedU64('List', out.list);
    else r.skip();
  }
  const unknown = r.unknownFields();
  out.unknown = unknown && hex(unknown);
  return out;
}

function fault(text: string, dialect: ProtoDialect): ProtoError {
  try {
    read(text, dialect);
  } catch (error) {
    if (error instanceof ProtoError) return error;
    throw error;
  }
  throw new Error(`${text} parsed`);
}

const STANDARD_TEXT = 'proto: cannot parse invalid wire-format data';

describe('protobuf wire format', () => {
  for (const dialect of [PROTO_36, PROTO_37]) {
    describe(`as ${dialect.name} reads it`, () => {
      it('takes fields in any order, the last scalar winning', () => {
        expect(read('1201aa 0801 1202bbcc 08ffffffffffffffffff01', dialect)).to.include({
          n: 0xffff_ffff_ffff_ffffn,
          data: 'bbcc',
        });
      });
      it('keeps all 64 bits of a varint, whatever its length', () => {
        for (let shift = 0n; shift < 64n; shift++) {
          const value = 1n << shift;
          const bytes = new WireWriter().varint(1, value).finish();
          expect(read(hex(bytes), dialect).n).to.equal(value);
          const length = varintLength(Number(value >> 32n), Number(value & 0xffff_ffffn));
          expect(bytes.length).to.equal(1 + length);
        }
      });
      it('takes repeated numbers packed and unpacked', () => {
        expect(read('1801 1a03 02 8001 1803', dialect).list).to.deep.equal([1n, 2n, 128n, 3n]);
      });
      it('skips unknown fields of every wire type', () => {
        const unknown = '20ff01 290102030405060708 3201aa 3b 1005 3c 4d01020304';
        expect(read(`0807 ${unknown} 1201bb`, dialect)).to.include({ n: 7n, data: 'bb' });
      });
      it('refuses field 0, wire types 6 and 7, long varints and stray group ends', () => {
        const bad = ['0001', '0e', '0f', '26', '27', '24', '08ffffffffffffffffffff01', '2b 26'];
        for (const text of bad) expect(fault(text, dialect).unexpectedEof, text).to.equal(false);
      });
      it('minds every cut inside a field', () => {
        const whole =
          '08808001 1203aabbcc 1a03028001 20ff01 290102030405060708 3b10053c 4d01020304';
        const bytes = unhex(whole.replaceAll(' ', ''))!;
        const borders = new Set([0, 4, 9, 14, 17, 26, 30, 35]);
        for (let cut = 0; cut <= bytes.length; cut++) {
          const text = hex(bytes.subarray(0, cut));
          if (borders.has(cut)) read(text, dialect);
          else expect(fault(text, dialect).unexpectedEof).to.equal(dialect === PROTO_36);
        }
      });
    });
  }

  it('calls a foreign wire type an error in 3.6 and unknown in 3.7', () => {
    expect(fault('0a01aa', PROTO_36).nodeError).to.equal('proto: wrong wireType = 2 for field N');
    expect(read('0a01aa 1005 1d01020304', PROTO_37)).to.deep.equal({
      n: 0n,
      data: '',
      list: [],
      unknown: '0a01aa10051d01020304',
    });
  });

  it('gives the texts of gogo, and the one text of the standard library', () => {
    const rows: [string, string][] = [
      ['0001', 'proto: Test: illegal tag 0 (wire type 0)'],
      ['0101', 'proto: Test: illegal tag 0 (wire type 1)'],
      ['0c', 'proto: Test: wiretype end group for non-group'],
      ['26', 'proto: illegal wireType 6'],
      ['08ffffffffffffffffffff01', 'proto: integer overflow'],
      ['12ffffffffffffffffff01', 'proto: negative length found during unmarshaling'],
      ['12ffffffffffffffff7f', 'proto: negative length found during unmarshaling'],
      ['1205aa', 'unexpected EOF'],
    ];
    for (const [text, message] of rows) {
      expect(fault(text, PROTO_36).nodeError, text).to.equal(message);
      expect(fault(text, PROTO_37).nodeError, text).to.equal(STANDARD_TEXT);
    }
  });

  it('differs in a tenth byte above 1 and in field numbers above 2^29-1', () => {
    expect(read('0880808080808080808002', PROTO_36).n).to.equal(0n);
    expect(fault('0880808080808080808002', PROTO_37).nodeError).to.equal(STANDARD_TEXT);
    expect(read('808080801001', PROTO_36).unknown).to.equal(undefined);
    expect(fault('808080801001', PROTO_37).nodeError).to.equal(STANDARD_TEXT);
  });

  it('differs in the numbers of group ends', () => {
    expect(read('2b 2c', PROTO_37).unknown).to.equal('2b2c');
    expect(read('2b 34', PROTO_36).n).to.equal(0n);
    expect(fault('2b 34', PROTO_37).nodeError).to.equal(STANDARD_TEXT);
  });

  it('nests groups as deep as the standard library, and without end in 3.6', () => {
    const nested = (depth: number): string => '2b'.repeat(depth) + '2c'.repeat(depth);
    expect(read(nested(10_001), PROTO_37).unknown).to.equal(nested(10_001));
    expect(fault(nested(10_002), PROTO_37).nodeError).to.equal(STANDARD_TEXT);
    expect(read(nested(10_002), PROTO_36).n).to.equal(0n);
  });

  it('keeps an unknown field under its shortest tag, the rest as it was', () => {
    expect(read('a8808000 8100', PROTO_37).unknown).to.equal('288100');
    expect(read('aaff8000 01bb', PROTO_37).unknown).to.equal('aa7f01bb');
    expect(read('2b a8808000 8100 2c', PROTO_37).unknown).to.equal('2ba880800081002c');
    expect(read('8800 01', PROTO_37)).to.include({ n: 1n, unknown: undefined });
  });

  it('names file and offset of a fault', () => {
    const bytes = unhex('0801000108')!;
    const r = new WireReader(PROTO_37).at('a.wal', 1000).reset(bytes, 0, bytes.length, 'Test');
    r.next();
    r.varint('N');
    expect(() => r.next()).to.throw(ProtoError, 'a.wal @1002: Test: illegal tag 0');
  });

  it('either reads or faults on any bytes, alike but for the documented differences', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        for (const dialect of [PROTO_36, PROTO_37]) {
          try {
            read(hex(bytes), dialect);
          } catch (error) {
            expect(error).to.be.instanceOf(ProtoError);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
