import { expect } from 'chai';
import fc from 'fast-check';
import { UsageError } from '../../../src/lib/core/errors.js';
import { ceilingText, dateText, hlcText, spanText } from '../../../src/lib/report/dates.js';
import { progressText } from '../../../src/lib/report/progress-text.js';
import { parseKey, quoteKey } from '../../../src/lib/report/quote.js';
import { safeColouredText, safeJson, safeText } from '../../../src/lib/report/safe-text.js';
import { countText, exactSizeText, plural, sizeText } from '../../../src/lib/report/sizes.js';
import { wrapText } from '../../../src/lib/report/wrap.js';

// oxlint-disable-next-line no-control-regex -- they are what it looks for
const STEERS = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('quoteKey', () => {
  const good: readonly [bytes: string, text: string][] = [
    ['', '""'],
    ['user:1', '"user:1"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['\x00\x07\x08\t\n\v\f\r\x1b\x7f\x80\xff', '"\\x00\\a\\b\\t\\n\\v\\f\\r\\x1b\\x7f\\x80\\xff"'],
  ];
  for (const [bytes, text] of good) {
    it(`shows ${text}`, () => {
      expect(quoteKey(latin1(bytes))).to.equal(text);
    });
  }

  it('is printable ASCII for any key, and parseKey reads it back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (key) => {
        const text = quoteKey(key);
        expect(text).to.match(/^[ -~]*$/);
        expect([...parseKey(text)]).to.deep.equal([...key]);
      }),
    );
  });

  it('says how much of a long key it left out', () => {
    expect(quoteKey(latin1('abcdef'), 4)).to.equal('"abcd"…+2');
    expect(quoteKey(latin1('abcd'), 4)).to.equal('"abcd"');
  });
});

describe('parseKey', () => {
  const good: readonly [text: string, hex: string][] = [
    ['hex:', ''],
    ['hex:00fF', '00ff'],
    ['raw:hex:00', '6865783a3030'],
    ['raw:"', '22'],
    ['user:1', '757365723a31'],
    ['ä', 'c3a4'],
    ['"ä😀"', 'c3a4f09f9880'],
    ['', ''],
  ];
  for (const [text, bytes] of good) {
    it(`reads ${text}`, () => {
      expect(Buffer.from(parseKey(text)).toString('hex')).to.equal(bytes);
    });
  }

  for (const bad of [
    'hex:0',
    'hex:zz',
    'hex: 00',
    '"',
    '"a',
    'abc"'.replace('abc', '"x"y'),
    '"\\q"',
    '"\\x1"',
    '"a"b"',
  ]) {
    it(`refuses ${bad}`, () => {
      expect(() => parseKey(bad)).to.throw(UsageError);
    });
  }
});

describe('sizes and counts', () => {
  const sizes: readonly [bytes: number | bigint, text: string][] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536n, '1.5 KiB'],
    [1024 * 1024 - 1, '1023.9 KiB'],
    [64_000_000, '61.0 MiB'],
    [(1n << 64n) - 1n, '16.0 EiB'],
  ];
  for (const [bytes, text] of sizes) {
    it(`${bytes} is ${text}`, () => {
      expect(sizeText(bytes)).to.equal(text);
    });
  }

  it('counts have separators and plurals', () => {
    expect([0, 999, 1000, 1234567].map((n) => countText(n))).to.deep.equal([
      '0',
      '999',
      '1,000',
      '1,234,567',
    ]);
    expect(countText((1n << 64n) - 1n)).to.equal('18,446,744,073,709,551,615');
    expect([plural(1, 'key'), plural(0n, 'key'), plural(2, 'entry', 'entries')]).to.deep.equal([
      '1 key',
      '0 keys',
      '2 entries',
    ]);
    expect(exactSizeText(1234567)).to.equal('1.1 MiB (1,234,567 B)');
    expect(exactSizeText(12)).to.equal('12 B');
  });
});

describe('dates', () => {
  it('are UTC and ISO', () => {
    expect(dateText(1780835696789n)).to.equal('2026-06-07T12:34:56.789Z');
    expect(hlcText((1780835696789n << 16n) | 5n)).to.equal('2026-06-07T12:34:56.789Z +5');
    expect(hlcText(0n)).to.equal('0');
    expect(ceilingText(0n)).to.equal('not set');
    expect(ceilingText(1n)).to.equal('1970-01-01T00:00:00.001Z');
  });

  it('every u64 has a text, beyond the calendar too', () => {
    expect(dateText(8_640_000_000_000_000n)).to.equal('+275760-09-13T00:00:00.000Z');
    expect(dateText(8_640_000_000_000_001n)).to.include('beyond any date');
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (v) => {
        expect(hlcText(v)).to.be.a('string');
        expect(ceilingText(v)).to.be.a('string');
      }),
    );
  });

  it('spans read well', () => {
    const spans = [0, 999, 1000, 59_999, 60_000, 3_600_000, 172_800_000 + 3_600_000];
    expect(spans.map((ms) => spanText(ms))).to.deep.equal([
      '0 ms',
      '999 ms',
      '1.0 s',
      '59.9 s',
      '1 min 0 s',
      '1 h 0 min',
      '2 d 1 h',
    ]);
  });
});

describe('safe text', () => {
  it('no text steers a terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(safeText(text)).to.not.match(STEERS);
      }),
    );
    expect(safeText('a\u001b[2J\n\u009b\u202eb')).to.equal('a\\x1b[2J\\n\\x9b\\u202eb');
  });

  it('only the colours of the theme stand', () => {
    const text = '\u001b[31mred\u001b[39m \u001b[8mhidden\u001b[38;5;1m \u001b]0;title\u0007';
    expect(safeColouredText(text)).to.equal(
      '\u001b[31mred\u001b[39m \\x1b[8mhidden\\x1b[38;5;1m \\x1b]0;title\\x07',
    );
  });

  it('JSON keeps its value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = safeJson(JSON.stringify(text));
        expect(json).to.not.match(STEERS);
        expect(JSON.parse(json)).to.equal(text);
      }),
    );
  });
});

describe('wrapText', () => {
  it('breaks at spaces, keeps words and loses none', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,12}$/)),
        fc.integer({ min: 1, max: 30 }),
        (words, width) => {
          const lines = wrapText(words.join(' '), width);
          expect(lines.join(' ')).to.equal(words.join(' '));
          for (const line of lines)
            expect(line.length <= width || !line.includes(' ')).to.equal(true);
        },
      ),
    );
  });

  it('hard: no line is wider', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme-ascii' }),
        fc.integer({ min: 1, max: 30 }),
        (text, width) => {
          for (const line of wrapText(text, width, true)) expect(line.length).to.be.at.most(width);
        },
      ),
    );
  });
});

describe('progressText', () => {
  it('tells label, share and rate as far as they are known', () => {
    expect(progressText('reading', 0, 100, 500)).to.equal('reading');
    expect(progressText('reading', 2048, 0, 1000)).to.equal('reading: 2.0 KiB, 2.0 KiB/s');
    expect(progressText('reading', 512, 2048, 500)).to.equal(
      'reading: 512 B of 2.0 KiB, 25 %, 1.0 KiB/s',
    );
    expect(progressText('reading', 512, 2048, 2000)).to.equal(
      'reading: 512 B of 2.0 KiB, 25 %, 256 B/s, 6.0 s left',
    );
    expect(progressText('reading', 4096, 2048, 0)).to.equal('reading: 4.0 KiB of 2.0 KiB, 100 %');
  });
});
