import { expect } from 'chai';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { commandLines } from '../../../src/lib/report/command-lines.js';
import type { ErrorCode } from '../../../src/lib/core/codes/all.js';
import { allCodes } from '../../../src/lib/report/explain.js';
import {
  ASKS_FOR_KEYS,
  commandsFor,
  dirWord,
  shellWord,
  withNext,
} from '../../../src/lib/report/next-commands.js';
import { strictFaults, theCommands } from '../../support/command-text.js';

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

  const nodeArgs = ['--group', '2', '--raft-id', 'n1', '--sidecar', 'keys.json', '--no-guards'];

  it('can be typed as they are, whatever the code', async () => {
    const commands = await theCommands();
    const pathOf = (file: string | undefined): string => `/data/n1/${file ?? 'fsm.db'}`;
    const faults: string[] = [];
    let count = 0;
    for (const code of allCodes()) {
      for (const args of [[], nodeArgs, ['--allow-live', '--bootstrap', '--encryption', 'on']]) {
        const context = {
          dataDir: '/data/n1',
          nodeArgs: args,
          generation: 'always-restore',
          pathOf,
        };
        const finding = { code, severity: 'error', message: 'm', index: 7n, file: 'f' } as const;
        for (const line of commandsFor(finding, context)) {
          count++;
          if (line.startsWith('cp ')) continue;
          faults.push(...strictFaults(line, commands).map((fault) => `${code}: ${fault}: ${line}`));
          if (!ASKS_FOR_KEYS.includes(code))
            expect(line, code).to.not.match(/\b(?:DIR|NEW|FILE|HEX|N)\b/);
        }
      }
    }
    expect(faults).to.deep.equal([]);
    expect(count).to.be.above(400);
  });

  it('ask about the same group, node and generation, each flag once', () => {
    const context = { dataDir: 'n1', nodeArgs, generation: 'always-restore' };
    const of = (code: ErrorCode): string[] =>
      commandsFor({ code, severity: 'warning', message: 'm' }, context);
    const node = '--group 2 --raft-id n1 --sidecar keys.json';
    expect(of('wal-snapshot-mismatch')).to.deep.equal([
      `ekv replay-wal --raw --data-dir n1 ${node} --no-guards --generation always-restore`,
    ]);
    expect(of('full-restore-ahead')).to.deep.equal([
      `ekv cold-start-dryrun --data-dir n1 ${node} --no-guards --generation all`,
    ]);
    expect(of('registry-value-malformed')).to.deep.equal([
      `ekv encryption check --data-dir n1 ${node} --generation always-restore`,
    ]);
    const groups = { code: 'several-groups', severity: 'warning', message: 'm' } as const;
    expect(commandsFor(groups, { dataDir: 'n1', nodeArgs: [] })).to.deep.equal([]);
  });

  it('are not the very command that was run', () => {
    const finding = { code: 'snap-renamed-broken', severity: 'warning', message: 'm' } as const;
    const context = { dataDir: 'n1', nodeArgs: [], generation: 'snapshot-pointer' };
    expect(commandsFor(finding, context)).to.deep.equal([
      'ekv snapshots --data-dir n1 --generation snapshot-pointer',
    ]);
    expect(commandsFor(finding, { ...context, asked: 'snapshots' })).to.deep.equal([]);
  });

  it('are not made up where the place is not known', () => {
    const finding = { code: 'fsm-token-crc', severity: 'error', message: 'm' } as const;
    expect(commandsFor(finding, { nodeArgs: [] })).to.deep.equal([]);
    const file = { ...finding, code: 'fsm-ceiling-negative' } as const;
    expect(commandsFor(file, { nodeArgs: [], pathOf: () => '-x' })).to.deep.equal([
      'ekv verify-crc ./-x',
    ]);
  });

  it('a directory is never taken for a flag', () => {
    expect(dirWord('-rf')).to.equal('./-rf');
    expect(dirWord('/')).to.equal('/');
  });
});
