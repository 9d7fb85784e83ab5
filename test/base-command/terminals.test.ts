/** Colour and what a terminal may see (reference/peers.md C4), through the real command line. */
import { expect } from 'chai';
import { probe } from './probe.js';

describe('terminals', () => {
  const ESC = '\u001b';

  it('no control character of a name reaches the output, colour on or off', () => {
    for (const flag of ['--no-color', '--color']) {
      const { stdout } = probe(`names ${flag}`);
      // oxlint-disable-next-line no-control-regex -- they are what it looks for
      const plain = stdout.replace(/\u001b\[(?:1|2|22|3[1-69]|39)m/g, '');
      // oxlint-disable-next-line no-control-regex -- they are what it looks for
      expect(plain, flag).to.not.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(stdout, flag).to.not.match(/^forged line/m);
    }
    expect(probe('names --no-color').stdout).to.not.include(ESC);
  });

  it('colour: never in a pipe, --color and --no-color beat the environment', () => {
    expect(probe('ending --finding error').stdout).to.not.include(ESC);
    expect(probe('ending --finding error --color', { NO_COLOR: '1' }).stdout).to.include(ESC);
    expect(probe('ending --finding error --no-color', { FORCE_COLOR: '1' }).stdout).to.not.include(
      ESC,
    );
    const both = probe('ending --finding error', { FORCE_COLOR: '1', NO_COLOR: '1' });
    expect(both.stdout).to.not.include(ESC);
    expect(both.stderr).to.equal('');
  });

  it('no progress where standard error is no terminal', () => {
    expect(probe('spin --timeout 0.6').stderr).to.equal('ready\nekv: timed out after 0.6 s\n');
  });
});
