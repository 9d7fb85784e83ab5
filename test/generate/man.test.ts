import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownToRoff } from '../../tools/generate/markdown.js';
import { escaped, inline, textLine } from '../../tools/generate/roff.js';
import { CODES } from '../../src/lib/core/codes/all.js';
import { ROOT } from '../support/fixtures.js';

const MAN = join(ROOT, 'man');
const PAGES = readdirSync(MAN).filter((name) => /\.\d$/.test(name));

function man(args: readonly string[], locale: string): { text: string; warnings: string } {
  const run = spawnSync('man', args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: locale, MANWIDTH: '100', MANPAGER: 'cat', PAGER: 'cat' },
  });
  return { text: run.stdout, warnings: run.stderr };
}

const HAVE_MAN = spawnSync('man', ['-V']).status === 0;

describe('man pages', () => {
  it('roff keeps every character of a text', () => {
    expect(escaped('a-b \\n ’ …')).to.equal('a\\-b \\en \\[u2019] ...');
    expect(textLine('.snap')).to.equal('\\&.snap');
    expect(inline('see `x-y` and [text](url)')).to.equal('see \\fBx\\-y\\fR and text');
  });

  it('markdown of docs/formats becomes sections, tables and verbatim text', () => {
    const { title, roff } = markdownToRoff(
      '# One\n\nText\ngoes on.\n\n- item\n\n```\n.x  y\n```\n\n| a | b |\n|---|---|\n| 1 | `\\|` |\n',
    );
    expect(title).to.equal('One');
    const text = roff.join('\n');
    for (const part of ['Text goes on.', '.TP\n\\(bu\nitem', '\\&.x  y', 'a\tb', '1\t\\fB|\\fR']) {
      expect(text).to.include(part);
    }
  });

  if (HAVE_MAN) {
    for (const locale of ['C', 'C.UTF-8']) {
      it(`man has nothing to warn of, LC_ALL=${locale}`, () => {
        expect(PAGES.length).to.be.above(4);
        for (const page of PAGES) {
          const { text, warnings } = man(['--warnings', '-l', join(MAN, page)], locale);
          expect(warnings, page).to.equal('');
          expect(text, page).to.include('NAME').and.include('SEE ALSO');
        }
      }).timeout(60_000);
    }
  } else {
    it('man is not installed here: the pages were not formatted', () => undefined);
  }

  it('ekv-errors.7 has every code', () => {
    const page = readFileSync(join(MAN, 'ekv-errors.7'), 'utf8');
    for (const code of Object.keys(CODES)) {
      expect(page).to.include(`\\fB${code.replaceAll('-', '\\-')}\\fR\n`);
    }
  });
});
