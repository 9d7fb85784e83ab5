import { expect } from 'chai';
import fc from 'fast-check';
import { BugError } from '../../../src/lib/core/errors.js';
import type { Finding } from '../../../src/lib/core/finding.js';
import {
  findingLines,
  findingsCountText,
  findingsLines,
} from '../../../src/lib/report/finding-text.js';
import { hexdump, type NamedBytes } from '../../../src/lib/report/hexdump.js';
import { fieldLines, tableLines } from '../../../src/lib/report/table.js';
import { loadTheme, PLAIN_THEME } from '../../../src/lib/report/theme.js';

const PLAIN = { theme: PLAIN_THEME, lines: false } as const;

// oxlint-disable-next-line no-control-regex -- ESC begins a colour code
const strip = (line: string): string => line.replace(/\u001b\[\d+m/g, '');

describe('hexdump', () => {
  it('names the parts and shows what lies between them', () => {
    const bytes = Buffer.from('0c00000000000080a1b2616263', 'hex');
    const parts: NamedBytes[] = [
      { offset: 0x200a, length: 3, name: 'data', text: '"abc"' },
      { offset: 0x2000, length: 8, name: 'length', text: '12, padding 4' },
    ];
    expect([...hexdump(bytes, 0x2000, parts)]).to.deep.equal([
      '00002000  0c 00 00 00 00 00 00 80  ........  length  12, padding 4',
      '00002008  a1 b2                    ..        (unnamed)',
      '0000200a  61 62 63                 abc       data    "abc"',
    ]);
  });

  it('without names it is an ordinary dump that folds repetition', () => {
    const bytes = new Uint8Array(80);
    bytes[79] = 65;
    const zero = Array.from({ length: 16 }, () => '00').join(' ');
    expect([...hexdump(bytes, 0)]).to.deep.equal([
      `00000000  ${zero}  ................`,
      '*',
      `00000040  ${zero.slice(0, -2)}41  ...............A`,
    ]);
  });

  it('accounts for every byte, whatever the parts', () => {
    const cuts = fc.uniqueArray(fc.nat(64), { maxLength: 8 });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), cuts, (bytes, at) => {
        // A different value at each position, so that nothing is folded.
        bytes.forEach((_, i) => (bytes[i] = i));
        const sorted = [...at].sort((a, b) => a - b);
        const parts = sorted
          .slice(1)
          .flatMap((end, i): NamedBytes[] =>
            i % 2 === 0 ? [{ offset: sorted[i]!, length: end - sorted[i]!, name: `p${i}` }] : [],
          );
        const width = parts.length > 0 ? 8 : 16;
        const shown = [...hexdump(bytes, 0, parts)].map((line) => line.slice(10, 10 + width * 3));
        expect(shown.join(' ').trim().split(/\s+/)).to.deep.equal(
          [...bytes].map((v) => v.toString(16).padStart(2, '0')),
        );
      }),
    );
  });

  it('a part that leaves the bytes or overlaps another is a bug of ours', () => {
    const bytes = new Uint8Array(8);
    const part = (offset: number, length: number): NamedBytes => ({ offset, length, name: 'p' });
    for (const parts of [[part(4, 5)], [part(0, 4), part(3, 2)], [part(-1, 1)]]) {
      expect(() => [...hexdump(bytes, 0, parts)]).to.throw(BugError);
    }
  });

  it('names are made safe', () => {
    const lines = [...hexdump(Uint8Array.of(1), 0, [{ offset: 0, length: 1, name: 'a\u001bb' }])];
    expect(lines[0]).to.include('a\\x1bb');
  });
});

describe('tableLines', () => {
  const columns = [{ title: 'file' }, { title: 'bytes', align: 'right' }] as const;

  it('in a pipe: columns and nothing else', async () => {
    expect(
      await tableLines(
        columns,
        [
          ['a.wal', '1'],
          ['b', '1000'],
        ],
        PLAIN,
      ),
    ).to.deep.equal(['file   bytes', 'a.wal      1', 'b       1000']);
  });

  it('on a terminal: with lines', async () => {
    const lines = await tableLines(columns, [['a', '1']], { ...PLAIN, lines: true });
    expect(lines[0]).to.match(/^┌─+┬─+┐$/);
    expect(lines.at(-1)).to.match(/^└─+┴─+┘$/);
  });

  it('is never wider than asked for and loses no character', async () => {
    const cell = fc.stringMatching(/^[a-z]{0,90}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, cell), { maxLength: 4 }),
        fc.boolean(),
        async (rows, lines) => {
          const three = [{ title: 'one' }, { title: 'two' }, { title: 'three' }];
          const drawn = await tableLines(three, rows, { ...PLAIN, lines, width: 60 });
          for (const line of drawn) expect(line.length).to.be.at.most(60);
          const letters = (text: string): string =>
            [...text.replace(/[^a-z]/g, '')].sort().join('');
          expect(letters(drawn.join(''))).to.equal(letters(`onetwothree${rows.flat().join('')}`));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('sentences give way before names do', async () => {
    const name = 'n'.repeat(40);
    const drawn = await tableLines(
      [{ title: 'name' }, { title: 'why', prose: true }],
      [[name, 'a sentence that is rather long for what is left']],
      { ...PLAIN, width: 62 },
    );
    expect(drawn[1]).to.equal(`${name}  a sentence that is`);
    expect(drawn[2]?.trim()).to.equal('rather long for what');
  });

  it('cells cannot steer the terminal', async () => {
    const lines = await tableLines(columns, [['\u001b[2J\n\u0007', 'x']], PLAIN);
    expect(lines.join('')).to.include('\\x1b[2J\\n\\x07');
  });
});

describe('fields', () => {
  it('stand in one column, without those that have no value', () => {
    const fields = [
      ['a', '1'],
      ['long', '2'],
      ['gone', undefined],
    ] as const;
    expect(fieldLines(fields, PLAIN_THEME)).to.deep.equal(['a     1', 'long  2']);
  });

  it('go on below themselves, a long word cut where it must be', () => {
    const fields = [['path', `see ${'x'.repeat(30)}`]] as const;
    expect(fieldLines(fields, PLAIN_THEME, 26)).to.deep.equal([
      'path  see',
      `      ${'x'.repeat(20)}`,
      `      ${'x'.repeat(10)}`,
    ]);
  });
});

describe('findings', () => {
  const finding: Finding = {
    code: 'truncated',
    severity: 'warning',
    file: 'wal/0.wal',
    offset: 8204,
    index: 83n,
    message: 'needs 120 B, 40 B left',
    nodeError: 'ErrX',
    next: ['ekv inspect wal/0.wal'],
  };

  it('say severity, code, place, message, the node and what to run', () => {
    expect(findingLines(finding, PLAIN_THEME)).to.deep.equal([
      'warning  truncated  wal/0.wal @8204, index 83',
      '         needs 120 B, 40 B left',
      "         the node's error: ErrX",
      '         next: ekv inspect wal/0.wal',
    ]);
  });

  it('stand worst first, otherwise as they were made', () => {
    const list = (['note', 'error', 'warning', 'error'] as const).map((severity, i) => ({
      code: 'truncated' as const,
      severity,
      message: `m${i}`,
    }));
    const order = findingsLines(list, PLAIN_THEME).filter((line) => line.includes(' m'));
    expect(order.map((line) => line.trim())).to.deep.equal(['m1', 'm3', 'm2', 'm0']);
    expect(findingsCountText(list)).to.equal('2 errors, 1 warning, 1 note');
    expect(findingsCountText([])).to.equal('no findings');
  });

  it('of one code stand together, and only so many of them', () => {
    const list = Array.from({ length: 14 }, (_, i) => ({
      code: i === 5 ? ('bad-protobuf' as const) : ('truncated' as const),
      severity: 'error' as const,
      message: `m${i}`,
    }));
    const lines = findingsLines(list, PLAIN_THEME);
    expect(lines.filter((line) => line.startsWith('error'))).to.have.length(11);
    expect(lines).to.include('         and 3 more truncated (--json has them all)');
    expect(lines.at(-1)).to.equal('         m5');
  });

  it('stay within the width, whatever they say', () => {
    const text = fc.string({ maxLength: 300 });
    fc.assert(
      fc.property(
        text,
        text,
        text,
        fc.integer({ min: 40, max: 110 }),
        (file, message, node, width) => {
          const long: Finding = { ...finding, file, message, nodeError: node, next: [] };
          for (const line of findingLines(long, PLAIN_THEME, { width })) {
            expect(line.length).to.be.at.most(width);
          }
        },
      ),
    );
  });

  it('leave out commands that the report lists elsewhere', () => {
    expect(findingLines(finding, PLAIN_THEME, { withoutNext: true })).to.have.length(3);
  });

  it('colour changes nothing but colour', async () => {
    const theme = await loadTheme(true);
    const coloured = findingLines(finding, theme);
    expect(coloured.join('')).to.include('\u001b[33m');
    expect(coloured.map(strip)).to.deep.equal(findingLines(finding, PLAIN_THEME));
  });
});
