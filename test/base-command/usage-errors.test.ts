/** Command lines that do not parse (reference/peers.md C4), through the real command line. */
import { expect } from 'chai';
import { PROBE_COMMANDS, runCli } from '../support/cli.js';
import { bothWays, probe } from './probe.js';

describe('usage errors', () => {
  const table: readonly [args: string, code: string, says: string][] = [
    ['values p --nope', 'usage-bad-flag', '--nope'],
    ['values p --indx 4', 'usage-bad-flag', 'did you mean --index?'],
    ['values p --index 4x', 'usage-bad-flag', '--index'],
    ['values p --index 18446744073709551616', 'usage-bad-flag', '2^64'],
    ['values p --key hex:0', 'usage-bad-argument', '--key'],
    ['values p --fail-on x', 'usage-bad-flag', '--fail-on'],
    ['values p --fail-on', 'usage-bad-flag', '--fail-on'],
    ['values p --timeout never', 'usage-bad-flag', '--timeout'],
    ['values p --timeout 0', 'usage-bad-flag', '--timeout'],
    ['values', 'usage-bad-argument', 'PATH'],
    ['values p extra', 'usage-bad-argument', '"extra"'],
    ['fail', 'usage-bad-flag', '--way'],
    ['fail --way x', 'usage-bad-flag', '--way=x'],
    ['spin extra', 'usage-bad-argument', '"extra"'],
    ['bogus', 'usage-unknown-command', '"bogus"'],
    ['valeus', 'usage-unknown-command', 'did you mean ekv values?'],
    ['--nope', 'usage-bad-flag', '--nope'],
  ];
  for (const [args, code, says] of table) {
    it(`ekv ${args}: ${code}, status 1, nothing of the machine in it`, () => {
      const { text, json } = bothWays(args);
      expect(text.code).to.equal(1);
      expect(text.stdout).to.equal('');
      expect(text.stderr).to.include(says).and.include('--help');
      expect(json.error?.code).to.equal(code);
      expect(json.error?.message).to.include(says);
      for (const out of [text.stderr, JSON.stringify(json)]) {
        expect(out).to.not.include('secret-home').and.not.include(process.execPath);
        expect(out).to.not.include('node_modules').and.not.include('\n    at ');
      }
      expect(Object.keys(json)).to.deep.equal([
        'formatVersion',
        'tool',
        'command',
        'inputs',
        'verdict',
        'exitCode',
        'findings',
        'error',
        'result',
      ]);
    });
  }

  it('a missing argument is not read from standard input', () => {
    const run = runCli(['values'], { commands: PROBE_COMMANDS, input: 'from-stdin\n' });
    expect(run.code).to.equal(1);
    expect(run.stderr).to.include('PATH');
  });

  it('help for a command that does not exist is status 1', () => {
    const run = probe('help bogus');
    expect(run.code).to.equal(1);
    expect(run.stderr).to.include('"bogus"');
  });

  it('--json behind -- is a word, not a flag', () => {
    const run = probe('values -- --json');
    expect(run.code).to.equal(0);
    expect(run.stdout).to.equal('values\n');
  });
});
