import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CODES } from '../../../src/lib/core/codes/all.js';
import { NODE_ERRORS } from '../../../src/lib/core/codes/node-errors.js';
import { allCodes, allNodeErrors, explain, explainAll } from '../../../src/lib/report/explain.js';
import { EXIT_MEANINGS } from '../../../src/lib/report/exit-status.js';
import { runCli } from '../../support/cli.js';
import { FIXTURES, ROOT } from '../../support/fixtures.js';

/** Identities that only our own names share the form of. */
const NOT_THE_NODES = ['ErrorCode', 'ErrorOptions', 'Errors'];

function namesIn(text: string): string[] {
  return [...text.matchAll(/\bErr[A-Z][A-Za-z0-9]+\b/g)]
    .map((match) => match[0])
    .filter((name) => !NOT_THE_NODES.includes(name));
}

function filesBelow(folder: string, suffix: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('explain', () => {
  it('knows every code, in sentences', () => {
    expect(allCodes()).to.have.length(Object.keys(CODES).length);
    for (const code of allCodes()) {
      const explanation = explain(code)!;
      expect(explanation.topic).to.equal(code);
      for (const text of [explanation.means, explanation.node, explanation.look]) {
        if (text !== null) expect(text, code).to.match(/^[^ ].*[.?!:]$|^chmod/s);
      }
    }
  });

  it('knows every error of the node that the sources name', () => {
    const used = new Set(
      filesBelow(join(ROOT, 'src'), '.ts').flatMap((path) => namesIn(readFileSync(path, 'utf8'))),
    );
    expect(used.size).to.be.above(50);
    expect([...used].filter((name) => explain(name) === undefined)).to.deep.equal([]);
  });

  it('knows every error that real nodes were recorded with', () => {
    const recorded = new Set(
      filesBelow(FIXTURES, '.expect.json').flatMap((path) => namesIn(readFileSync(path, 'utf8'))),
    );
    expect(recorded.size).to.be.above(25);
    expect([...recorded].filter((name) => explain(name) === undefined)).to.deep.equal([]);
  });

  it('a line of a log is explained by the longest text in it', () => {
    const line = 'openAtIndex failed: wal: file not found which matches the snapshot index ‘7’';
    expect(explain(line)!.codes).to.deep.equal(['wal-no-segment-for-snapshot']);
    expect(explain('wal: file not found')!.codes).to.deep.equal(['wal-no-segment']);
    expect(explain('UNEXPECTED EOF')!.kind).to.equal('node-error');
  });

  it('an error carried by several codes is followed by all of them', () => {
    const found = explainAll('ErrFSMSnapshotFileCRC').map(({ topic }) => topic);
    expect(found).to.deep.equal([
      'ErrFSMSnapshotFileCRC',
      'fsm-file-crc',
      'damaged-body-swapped-in',
    ]);
  });

  it('names and codes point at each other', () => {
    for (const name of allNodeErrors()) {
      for (const code of NODE_ERRORS[name]!.codes) {
        expect(explain(code)!.nodeErrors, `${name} ${code}`).to.include(name);
      }
    }
  });

  it('every exit status is explained by number, name and as people say it', () => {
    for (const { code, name } of EXIT_MEANINGS) {
      for (const text of [String(code), name, `exit ${code}`, `exit-status ${code}`]) {
        expect(explain(text)?.topic, text).to.equal(String(code));
      }
    }
  });

  it('nothing is made up for what is not known', () => {
    for (const text of ['', ' ', '6', '33', 'Err', 'fsm', 'hello', '__proto__', 'constructor']) {
      expect(explain(text), text).to.equal(undefined);
    }
  });

  it('a slip of the pen gets a hint, status 1', () => {
    const run = runCli(['explain', 'fsm-token-crd']);
    expect(run.code).to.equal(1);
    expect(run.stderr).to.include('did you mean fsm-token-crc?');
    expect(runCli(['explain']).code).to.equal(1);
  });

  it('several codes at once, each once, and a line of a log without quotes', () => {
    const topics = (words: readonly string[]): string[] => {
      const run = runCli(['explain', '--json', ...words]);
      const { result } = JSON.parse(run.stdout) as {
        result: { explanations: { topic: string }[] };
      };
      return result.explanations.map(({ topic }) => topic);
    };
    expect(topics(['wal-torn', '4', 'wal-torn'])).to.deep.equal(['wal-torn', '4']);
    expect(topics(['snap:', 'empty', 'snapshot'])).to.deep.equal(['snap: empty snapshot']);
    expect(runCli(['explain', 'wal-torn', 'nonsense']).code).to.equal(1);
  });

  it('the list has every code and can be narrowed', () => {
    const all = JSON.parse(runCli(['explain', '--list', '--json']).stdout) as {
      result: { explanations: { topic: string }[] };
    };
    expect(all.result.explanations.map(({ topic }) => topic)).to.deep.equal(allCodes());
    expect(runCli(['explain', '--list', 'epoch']).stdout).to.include('local-epoch-rollback');
  });
});
