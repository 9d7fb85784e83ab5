import { expect } from 'chai';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import {
  renderHtml,
  SCRIPT_SHA256,
  STYLE_SHA256,
} from '../../../../src/lib/report/html/document.js';
import { escapeHtml } from '../../../../src/lib/report/html/escape.js';
import type { HtmlReport } from '../../../../src/lib/report/html/model.js';
import { AREA_COLOURS, PALETTES, TEXT_COLOURS } from '../../../../src/lib/report/html/palette.js';
import { SCRIPT } from '../../../../src/lib/report/html/script.js';
import { STYLE } from '../../../../src/lib/report/html/style.js';
import { EntryTimeline } from '../../../../src/lib/report/html/timeline.js';
import type { IndexLine } from '../../../../src/lib/report/index-layout.js';

const NASTY = `</style></script><script>alert(1)</script>" onload='x' &amp; \u202e\u0000`;

const LINE: IndexLine = {
  snapshot: 40n,
  applied: 80n,
  commit: 80n,
  tail: (1n << 64n) - 1n,
  first: 41n,
  floor: 40n,
  deliveredTo: 80n,
  duplicatesTo: 80n,
  snapshots: [20n, 40n],
  segments: [0n, 61n],
};

function sample(text: string): HtmlReport {
  const timeline = new EntryTimeline();
  for (let index = 1n; index < 500n; index++) {
    timeline.add(index, index % 7n === 0n ? 'duplicate-volatile' : 'fresh');
  }
  return {
    tool: { name: 'ekv', version: '0' },
    command: 'cold-start-dryrun',
    inputs: [text],
    verdict: { word: 'REFUSES', text, tone: 'bad' },
    exitCode: 4,
    exitMeans: 'refuses',
    sections: [
      { kind: 'steps', title: `What to do ${text}`, steps: [{ text, commands: [text, 'ls'] }] },
      {
        kind: 'findings',
        title: 'Findings',
        findings: [
          { code: 'truncated', severity: 'error', message: text, file: text, nodeError: text },
          { code: 'truncated', severity: 'note', message: text, next: [text], index: 7n },
        ],
      },
      { kind: 'index-line', title: 'Index line', line: LINE },
      {
        kind: 'fields',
        title: 'Fields',
        fields: [
          ['name', text],
          [text, undefined],
        ],
      },
      {
        kind: 'table',
        title: text,
        note: text,
        columns: [{ title: text }, { title: 'b', align: 'right', code: true }],
        rows: [[text, { text, sort: text, tone: 'good' }]],
        empty: '',
      },
      { kind: 'table', title: 'None', columns: [], rows: [], empty: text },
      { kind: 'timeline', title: 'Entries', timeline },
    ],
  };
}

const VOID = new Set(['meta']);

/** Names of the elements; throws where tags do not nest. */
function elementsOf(html: string): string[] {
  const body = html.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '').replace(/^<!doctype html>/, '');
  const open: string[] = [];
  const all: string[] = [];
  for (const [, slash, name = '', selfClosed] of body.matchAll(/<(\/?)([a-z0-9]+)[^>]*?(\/?)>/g)) {
    if (slash === '/') expect(open.pop(), `</${name}>`).to.equal(name);
    else {
      all.push(name);
      if (!VOID.has(name) && selfClosed !== '/') open.push(name);
    }
  }
  expect(open).to.deep.equal([]);
  return all;
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const v = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

describe('the HTML report', () => {
  const html = renderHtml(sample('plain'));

  it('its policy names the very style and script it carries, and nothing else', () => {
    const digest = (text: string): string => createHash('sha256').update(text).digest('base64');
    expect(STYLE_SHA256).to.equal(digest(STYLE));
    expect(SCRIPT_SHA256).to.equal(digest(SCRIPT));
    expect(html).to.include("default-src 'none'");
    expect(html).to.not.match(/unsafe-inline|\sstyle=|\son\w+=/);
  });

  it('names nothing outside of itself', () => {
    expect(html).to.not.match(/https?:|\/\/[a-z]|url\(|@import|src=|<link/i);
  });

  it('has a language, a skip link, one h1, headings in order and a table’s heads', () => {
    expect(html).to.match(/^<!doctype html>\n<html lang="en">/);
    expect(html.indexOf('class="skip" href="#main"')).to.be.above(html.indexOf('<body>'));
    const elements = elementsOf(html);
    expect(elements.filter((name) => name === 'h1')).to.have.length(1);
    const levels = elements.filter((name) => /^h\d$/.test(name)).map((name) => Number(name[1]));
    levels.forEach((level, i) => expect(level - (levels[i - 1] ?? 0)).to.be.at.most(1));
    expect(html.match(/<th scope="col"/g)).to.have.length(2);
    expect(html).to.include('<caption>');
    for (const [, target = ''] of html.matchAll(/href="#([^"]+)"/g)) {
      expect(html).to.include(`id="${target}"`);
    }
    expect(html.match(/<svg role="img" aria-label="[^"]+"/g)).to.have.length(2);
  });

  it('every text reaches 4.5 : 1 and every area 3 : 1 (or has a line that does)', () => {
    for (const palette of Object.values(PALETTES)) {
      for (const name of TEXT_COLOURS) {
        for (const ground of ['bg', 'panel'] as const) {
          expect(contrast(palette[name], palette[ground]), `${name} on ${ground}`).to.be.at.least(
            4.5,
          );
        }
      }
      for (const name of AREA_COLOURS.filter((area) => area !== 'open')) {
        expect(contrast(palette[name], palette.bg), name).to.be.at.least(3);
      }
    }
  });

  it('whatever a text holds, it stays text', () => {
    const nasty = renderHtml(sample(NASTY));
    expect(elementsOf(nasty)).to.deep.equal(elementsOf(html));
    expect(nasty.match(/<script/g)).to.have.length(1);
    expect(nasty).to.include('\\u202e\\x00');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), (text) => {
        expect(elementsOf(renderHtml(sample(text)))).to.deep.equal(elementsOf(html));
        expect(escapeHtml(text)).to.not.match(/[<>"']/);
      }),
      { numRuns: 50 },
    );
  });

  it('the same data makes the same bytes', () => {
    expect(renderHtml(sample('plain'))).to.equal(html);
  });
});

describe('the timeline', () => {
  const index = fc.oneof(
    fc.bigInt({ min: 0n, max: 999n }),
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  );
  const entry = fc.tuple(index, fc.constantFrom('fresh' as const, 'empty' as const));

  it('loses no entry and stays small, in any order', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 200 }), (entries) => {
        const timeline = new EntryTimeline();
        for (const [at, disposition] of entries) timeline.add(at, disposition);
        const lanes = timeline.list();
        const sum = lanes.flatMap(({ counts }) => counts).reduce((a, b) => a + b, 0);
        expect(sum).to.equal(entries.length);
        expect(timeline.buckets).to.be.within(1, 128);
        for (const { counts } of lanes) expect(counts).to.have.length(timeline.buckets);
      }),
    );
  });
});
