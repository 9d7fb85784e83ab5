/** The machine forms (reference/peers.md C4), through the real command line. */
import { expect } from 'chai';
import { packageVersion } from '../support/cli.js';
import { bothWays, documentOf, probe } from './probe.js';

describe('the JSON document', () => {
  it('holds big numbers, bytes and fields in their order', () => {
    const run = probe('values dir --index 18446744073709551615 --key "a\\xff" --json');
    expect(run.code).to.equal(0);
    expect(documentOf(run)).to.deep.equal({
      formatVersion: '1.0',
      tool: { name: 'ekv', version: packageVersion() },
      command: 'values',
      inputs: [{ path: 'dir', kind: 'probe' }],
      verdict: 'ok',
      exitCode: 0,
      findings: [],
      result: {
        zulu: '9223372036854775808',
        bytes: '00ff',
        buffer: '6869',
        alpha: ['18446744073709551615', { deep: '9007199254740993' }],
        key: '61ff',
        steering: '\u009b31m\u202e',
      },
    });
    expect(Object.keys(documentOf(run).result ?? {})[0]).to.equal('zulu');
    expect(run.stdout).to.include('\\u009b31m\\u202e').and.match(/\}\n$/);
  });

  it('gives a finding all its fields', () => {
    const { json } = bothWays('ending --finding warning');
    expect(json.findings).to.deep.equal([
      {
        code: 'truncated',
        severity: 'warning',
        file: 'wal/0.wal',
        offset: '8204',
        index: '83',
        message: 'ends early',
        nodeError: 'ErrX',
        next: ['ekv look'],
      },
    ]);
    expect(json.verdict).to.equal('attention');
  });

  it('is the same twice, and not turned on by EKV_CONTENT_TYPE', () => {
    expect(probe('values d --json').stdout).to.equal(probe('values d --json').stdout);
    expect(probe('values d', { EKV_CONTENT_TYPE: 'json' }).stdout).to.equal('values\n');
  });

  it('a listing ends in its summary, with nothing else on the way', () => {
    const run = probe('flood --lines 3 --format ndjson --ground 4');
    const records = run.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(records.slice(0, 3)).to.deep.equal(['0', '1', '2'].map((i) => ({ type: 'row', i })));
    expect(records[3]).to.include({
      type: 'summary',
      exitCode: 4,
      verdict: 'refuses',
      records: 3,
    });
    expect(records[3]).to.not.have.property('result');
    expect(records).to.have.length(4);
    expect(run.code).to.equal(4);
  });

  it('ndjson and --json exclude each other', () => {
    const run = probe('flood --format ndjson --json');
    expect(run.code).to.equal(1);
    expect(run.stdout).to.include('usage-bad-flag');
  });
});
