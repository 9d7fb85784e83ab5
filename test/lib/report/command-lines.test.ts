import { expect } from 'chai';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { commandLines } from '../../../src/lib/report/command-lines.js';
import { dirWord, shellWord, withNext } from '../../../src/lib/report/next-commands.js';

/** The words a real shell makes of a text. */
function shellWords(text: string): string[] {
  const run = spawnSync('/bin/sh', ['-c', `printf '%s\\0' ${text}`], { encoding: 'utf8' });
  return run.stdout.split('\0').slice(0, -1);
}

describe('commandLines', () => {
  it('keeps a flag and its value together and breaks with a backslash', () => {
    const command = 'ekv cold-start-dryrun --data-dir /var/lib/n1 --raft-id n1 --bootstrap --kek k';
    expect(commandLines(command, 40)).to.deep.equal([
      'ekv cold-start-dryrun \\',
      '    --data-dir /var/lib/n1 \\',
      '    --raft-id n1 --bootstrap --kek k',
    ]);
    expect(commandLines(command, 100)).to.deep.equal([command]);
  });

  it('a shell reads the same words from the broken lines', () => {
    const word = fc.stringMatching(/^[ -~é]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), fc.nat(60), (words, width) => {
        const lines = commandLines(words.map(shellWord).join(' '), width);
        expect(shellWords(lines.join('\n'))).to.deep.equal(words);
      }),
      { numRuns: 40 },
    );
  });

  it('only a single word is ever longer than the width', () => {
    const words = fc.array(fc.stringMatching(/^[a-z/]{1,30}$/), { maxLength: 12 });
    fc.assert(
      fc.property(words, (list) => {
        for (const line of commandLines(list.join(' '), 40)) {
          if (line.length > 40) expect(line.replace(/ \\$/, '').trim()).to.not.include(' ');
        }
      }),
    );
  });
});

describe('the commands a finding suggests', () => {
  const copyOf = (dataDir: string): string | undefined =>
    withNext([{ code: 'files-deleted-at-boot', severity: 'warning', message: 'm' }], {
      dataDir,
      nodeArgs: [],
    })[0]?.next?.[0];

  it('copy a directory beside itself, never into itself', () => {
    expect(copyOf('/data/n1')).to.equal('cp -a /data/n1 /data/n1.copy');
    expect(copyOf('/data/n1//')).to.equal('cp -a /data/n1 /data/n1.copy');
    expect(copyOf('.')).to.equal('cp -a . ./../ekv-copy');
    expect(copyOf('n/..')).to.equal('cp -a n/.. n/../../ekv-copy');
    expect(copyOf("a 'b'/")).to.equal("cp -a 'a '\\''b'\\''' 'a '\\''b'\\'''.copy");
  });

  it('a directory is never taken for a flag', () => {
    expect(dirWord('-rf')).to.equal('./-rf');
    expect(dirWord('/')).to.equal('/');
  });
});
