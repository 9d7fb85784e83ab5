import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, tempDir } from '../support/fixtures.js';

const FOLDER = join(ROOT, 'completions');

function installed(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).status === 0;
}

/** What bash offers for the last of the words, as it splits a line into words itself. */
function bashOffers(words: readonly string[], cwd = ROOT): string[] {
  const script = [
    `source ${join(FOLDER, 'ekv.bash')}`,
    `COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))`,
    `spec=$(complete -p ekv) && [[ $spec == "complete -F _ekv ekv" ]] || exit 9`,
    '_ekv',
    `printf '%s\\n' "\${COMPREPLY[@]}"`,
  ].join('\n');
  const run = spawnSync('bash', ['--norc', '-c', script, 'bash', 'ekv', ...words], {
    cwd,
    encoding: 'utf8',
  });
  expect(run.status, run.stderr).to.equal(0);
  return run.stdout.split('\n').filter((line) => line !== '');
}

describe('shell completion', () => {
  if (installed('bash')) {
    it('bash completes commands, topics and flags', () => {
      expect(bashOffers(['']))
        .to.include('cold-start-dryrun')
        .and.include('encryption');
      expect(bashOffers(['cold'])).to.deep.equal(['cold-start-dryrun']);
      expect(bashOffers(['encryption', ''])).to.include('check');
      expect(bashOffers(['cold-start-dryrun', '--gen'])).to.deep.equal(['--generation']);
      expect(bashOffers(['exit-codes', '--no-'])).to.deep.equal(['--no-color']);
    });

    it('bash completes values, also behind an equals sign', () => {
      expect(bashOffers(['cold-start-dryrun', '--generation', 's'])).to.deep.equal([
        'snapshot-pointer',
      ]);
      expect(bashOffers(['cold-start-dryrun', '--generation', '=', 's'])).to.deep.equal([
        'snapshot-pointer',
      ]);
      expect(bashOffers(['explain', 'fsm-token-'])).to.deep.equal([
        'fsm-token-crc',
        'fsm-token-version',
      ]);
      expect(bashOffers(['explain', 'ErrFSMSnapshotTokenC'])).to.have.length(1);
      expect(bashOffers(['cold-start-dryrun', '--raft-id', ''])).to.deep.equal([]);
    });

    it('bash completes paths: directories for directories, spaces and all', () => {
      const dir = tempDir('completion');
      mkdirSync(join(dir, 'data one'));
      mkdirSync(join(dir, 'data-two'));
      writeFileSync(join(dir, 'data.json'), '');
      const offers = bashOffers(['cold-start-dryrun', '--data-dir', 'da'], dir).sort();
      expect(offers).to.deep.equal(['data one', 'data-two']);
      expect(bashOffers(['cold-start-dryrun', '--sidecar', 'da'], dir)).to.include('data.json');
    });

    it('bash offers nothing behind words that are no command', () => {
      expect(bashOffers(['bogus', ''])).to.deep.equal([]);
      expect(bashOffers(['--json', ''])).to.not.include('check');
    });
  } else {
    it('bash is not installed here: completion was not tried', () => undefined);
  }

  if (installed('zsh')) {
    it('zsh reads its file', () => {
      const run = spawnSync('zsh', ['-n', join(FOLDER, '_ekv')], { encoding: 'utf8' });
      expect(run.stderr).to.equal('');
      expect(run.status).to.equal(0);
    });
  } else {
    it('zsh is not installed here: its file was not read', () => undefined);
  }

  if (installed('fish')) {
    it('fish completes commands, values and paths', () => {
      const offers = (line: string): string[] => {
        const script = `source ${join(FOLDER, 'ekv.fish')}; complete -C '${line}'`;
        const run = spawnSync('fish', ['--no-config', '-c', script], { encoding: 'utf8' });
        expect(run.status, run.stderr).to.equal(0);
        return run.stdout.split('\n').map((row) => row.split('\t')[0]!);
      };
      expect(offers('ekv cold')).to.include('cold-start-dryrun');
      expect(offers('ekv encryption ')).to.include('check').and.not.include('explain');
      expect(offers('ekv cold-start-dryrun --generation s')).to.include('snapshot-pointer');
      expect(offers('ekv explain fsm-token-c')).to.include('fsm-token-crc');
    });
  } else {
    it('fish is not installed here: its file was not tried', () => undefined);
  }
});
