/** What a dry run tells an operator to do: the steps exist, fit, and name commands there are. */
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../../support/cli.js';
import { fixtureNames, ROOT, unpackFixture } from '../../support/fixtures.js';

/** One of every forty recorded dirs, whatever is wrong with it. */
const SOME = fixtureNames('nodes').filter((_, i) => i % 40 === 0);

function commandExists(words: readonly string[]): boolean {
  const file = (name: string): boolean => existsSync(join(ROOT, 'src', 'commands', `${name}.ts`));
  return file(words[0] ?? '') || file(`${words[0] ?? ''}/${words[1] ?? ''}`);
}

describe('cold-start-dryrun: what to do', () => {
  for (const name of SOME) {
    it(name, () => {
      const dir = join(unpackFixture('nodes', name), 'n1');
      const run = runCli(['cold-start-dryrun', '--data-dir', dir, '--raft-id', 'n1']);
      const lines = run.stdout.split('\n');
      expect(lines[0]).to.match(/^[A-Z-]+ {2}\S/);
      const title = lines.indexOf('What to do');
      expect(title, 'the section').to.be.above(0);
      expect(lines[title + 1]).to.match(/^1\. [A-Za-z]/);
      for (const line of lines) {
        // A path is never broken, so that it can be copied.
        const long = line.length > 100 && line.trim().includes(' ') && !line.includes(dir);
        expect(long, line).to.equal(false);
      }
      const joined = lines
        .slice(title)
        .join('\n')
        .replaceAll(/ \\\n\s+/g, ' ');
      for (const [, command = ''] of joined.matchAll(/^ {5}ekv (.*)$/gm)) {
        expect(commandExists(command.split(' ')), command).to.equal(true);
        expect(command).to.not.match(/--yes|-y\b/);
      }
    });
  }
});
