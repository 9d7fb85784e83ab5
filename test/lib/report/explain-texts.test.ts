import { expect } from 'chai';
import { CODES } from '../../../src/lib/core/codes/all.js';
import { NODE_ERRORS } from '../../../src/lib/core/codes/node-errors.js';
import type { CodeEntry } from '../../../src/lib/core/codes/table.js';
import { allTopics, explain } from '../../../src/lib/report/explain.js';
import { faultsIn, theCommands } from '../../support/command-text.js';

const ENTRIES: readonly (readonly [string, CodeEntry])[] = Object.entries(CODES);

/** Families whose codes speak of no data: there is no evidence to look at. */
const NO_EVIDENCE: readonly (readonly [RegExp, string])[] = [
  [/^usage-/, 'the command line'],
  [/^tool-/, 'this program itself'],
  [/^(?:io|write)-/, 'what the operating system answered'],
  [/^(?:target|source)-/, 'what a command that writes was told to read and write'],
  [/^archive-/, 'an archive that is being unpacked'],
  [/^upgrade-(?:nothing|cutover-form|index-unknown)$/, 'the command line'],
  [/^replay-(?:without-data-dir|list-cut)$/, 'the command line'],
];

/** Families that no node can meet. */
const NO_NODE: readonly (readonly [RegExp, string])[] = [
  ...NO_EVIDENCE,
  [/^limit-exceeded$/, 'a limit of this program'],
  [/^(?:truncated|varint-overlong|proto-malformed|json-)/, 'the file decides what a node does'],
  [/^replay-(?:no-match|until-below)$/, 'a question that was put to this program'],
  [
    /^(?:inspect-unknown|inspect-incomplete|verify-nothing-checked)$/,
    'what could not be looked at',
  ],
];

function lacking(field: 'look' | 'node' | 'next'): string[] {
  return ENTRIES.filter(([, entry]) => (entry[field] ?? '') === '').map(([code]) => code);
}

function outside(codes: readonly string[], families: readonly (readonly [RegExp, string])[]) {
  return codes.filter((code) => !families.some(([family]) => family.test(code)));
}

describe('what explain says of a code', () => {
  it('every code has its safest next step', () => {
    expect(lacking('next')).to.deep.equal([]);
  });

  it('every code about data has evidence to look at', () => {
    expect(outside(lacking('look'), NO_EVIDENCE)).to.deep.equal([]);
  });

  it('every code that a node can meet says what it does', () => {
    expect(outside(lacking('node'), NO_NODE)).to.deep.equal([]);
  });

  it('no family is let off without need', () => {
    for (const [family, why] of NO_EVIDENCE) {
      expect(
        lacking('look').some((code) => family.test(code)),
        why,
      ).to.equal(true);
    }
    for (const [family, why] of NO_NODE) {
      expect(
        lacking('node').some((code) => family.test(code)),
        why,
      ).to.equal(true);
    }
  });

  it('evidence is that of the code: no text serves more than two', () => {
    const uses = new Map<string, string[]>();
    for (const [code, { look }] of ENTRIES) {
      if (look !== undefined) uses.set(look, [...(uses.get(look) ?? []), code]);
    }
    expect([...uses.values()].filter((codes) => codes.length > 2)).to.deep.equal([]);
  });

  it('is short, and no next step destroys anything', () => {
    for (const [code, { means, node = '', look = '', next, run = [] }] of ENTRIES) {
      for (const text of [means, node, look, next]) {
        expect(text.length, `${code}: ${text}`).to.be.at.most(300);
      }
      expect([next, ...run].join('\n'), code).to.not.match(
        /(?<!-)\b(?:rm|wipe|erase|delete|truncate|mkfs)\b/,
      );
    }
  });

  it('leads over to commands where there are some, and names none in the sentence', () => {
    for (const [code, { next, run }] of ENTRIES) {
      expect(next, code).to.match(run === undefined ? /[.?]$/ : /[.:]$/);
      if (code !== 'usage-unknown-command')
        expect(next, code).to.not.match(/\bekv (?!as\b)[a-z-]+ /);
    }
  });

  it('a command that is named exists, with these flags', async () => {
    const commands = await theCommands();
    const faults: string[] = [];
    for (const topic of allTopics()) {
      const found = explain(topic)!;
      for (const text of [found.means, found.node, found.look, found.next, ...found.commands]) {
        faults.push(...faultsIn(text ?? '', commands).map((fault) => `${topic}: ${fault}`));
      }
    }
    for (const [name, { means }] of Object.entries(NODE_ERRORS)) {
      faults.push(...faultsIn(means, commands).map((fault) => `${name}: ${fault}`));
    }
    expect(faults).to.deep.equal([]);
  });

  it('the check of commands finds what is wrong', async () => {
    const commands = await theCommands();
    const faults = (text: string): number => faultsIn(text, commands).length;
    for (const good of [
      'ekv snapshots --data-dir DIR shows it.',
      'See ekv verify-crc; run ekv as the node’s user.',
      'ekv repair-wal --data-dir DIR --output NEW --cut last-valid.',
      'ekv encryption rows --data-dir DIR --key-id N: the rows.',
      'ekv --help lists the commands.',
    ]) {
      expect(faults(good), good).to.equal(0);
    }
    for (const bad of [
      'ekv snapshot --data-dir DIR shows it.',
      'ekv snapshots --dir DIR.',
      'ekv snapshots DIR.',
      'ekv repair-wal --data-dir DIR.',
      'ekv cold-start-dryrun --data-dir DIR --generation newest.',
      'ekv inspect FILE --as.',
      'ekv encryption row --data-dir DIR.',
    ]) {
      expect(faults(bad), bad).to.be.above(0);
    }
  });
});
