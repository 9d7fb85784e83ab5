/** Exit statuses and errors (reference/peers.md C4), through the real command line. */
import { expect } from 'chai';
import { bothWays, documentOf, probe } from './probe.js';

describe('exit status', () => {
  const table: readonly [args: string, dry: boolean, status: number][] = [
    ['--finding warning', false, 3],
    ['--finding error --ground 5 --ground 4', false, 2],
    ['--finding error', true, 3],
    ['--finding error --ground 5 --ground 4', true, 4],
    ['--finding warning --fail-on error', false, 0],
    ['--finding note --fail-on note', false, 3],
  ];
  for (const [args, dry, status] of table) {
    const line = `${dry ? 'dry-ending' : 'ending'} ${args}`.trim();
    it(`${line} ends with ${status}, the same with --json`, () => {
      expect(bothWays(line).text.code).to.equal(status);
    });
  }
});

describe('errors', () => {
  const table: readonly [way: string, status: number, code: string][] = [
    ['io', 1, 'io-not-found'],
    ['corrupt', 2, 'truncated'],
    ['unsupported', 5, 'limit-exceeded'],
    ['bug', 70, 'tool-bug'],
    ['sigint', 70, 'tool-bug'],
    ['word', 70, 'tool-bug'],
    ['nan', 70, 'tool-bug'],
  ];
  for (const [way, status, code] of table.filter(([name]) => name !== 'nan')) {
    it(`${way} ends with ${status} in every form, naming the input`, () => {
      const { text, json } = bothWays(`fail --way ${way}`);
      expect(text.code).to.equal(status);
      expect(text.stdout).to.equal('');
      expect(text.stderr)
        .to.match(/^ekv: .+\n/)
        .and.not.match(/\n\s+at /);
      expect(json.error?.code).to.equal(code);
      expect(json.result).to.equal(null);
      expect(json.verdict).to.equal(null);
      expect(json.inputs).to.deep.equal([{ path: 'gone', kind: 'probe' }]);
      const ndjson = probe(`fail --way ${way} --format ndjson`);
      expect(ndjson.code).to.equal(status);
      const lines = ndjson.stdout.trimEnd().split('\n');
      expect(lines).to.have.length(1);
      expect(JSON.parse(lines[0]!)).to.include({ type: 'summary', exitCode: status });
    });
  }

  it('a site is shown as path @offset in text and as fields in JSON, made safe', () => {
    const { text, json } = bothWays('fail --way corrupt');
    expect(text.stderr).to.equal("ekv: a\\x1b[2Jb @42: ends early (the node's error: ErrShort)\n");
    expect(json.error).to.deep.equal({
      code: 'truncated',
      message: 'ends early',
      file: 'a\u001b[2Jb',
      offset: '42',
    });
  });

  it('a bug shows its stack only with EKV_DEBUG=1', () => {
    expect(probe('fail --way bug').stderr).to.include('EKV_DEBUG=1').and.not.include('fail.js');
    expect(probe('fail --way bug', { EKV_DEBUG: '1' }).stderr).to.include('fail.js');
  });

  it('a number that is none never becomes null in a document', () => {
    const run = probe('fail --way nan --json');
    expect(run.code).to.equal(70);
    expect(documentOf(run).error?.code).to.equal('tool-bug');
  });

  it('a rejection nobody waits for ends with 70', () => {
    const run = probe('fail --way detached');
    expect(run.stderr).to.include('bug in ekv');
    expect(run.code).to.equal(70);
  });
});
