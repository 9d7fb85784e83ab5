import { setTimeout as sleep } from 'node:timers/promises';
import { Flags } from '@oclif/core';
import { BaseCommand, type Outcome } from '../../../src/base-command.js';
import { CorruptionError, IoError, UnsupportedError } from '../../../src/lib/core/errors.js';

const WAYS: Readonly<Record<string, () => never>> = {
  io: () => {
    throw new IoError('io-not-found', 'cannot open: no such file or directory', {
      site: { path: 'gone' },
    });
  },
  corrupt: () => {
    throw new CorruptionError('truncated', 'ends early', {
      site: { path: 'a\u001b[2Jb', offset: 42 },
      nodeError: 'ErrShort',
    });
  },
  unsupported: () => {
    throw new UnsupportedError('limit-exceeded', 'version 9');
  },
  bug: () => {
    throw new TypeError('x is not a function');
  },
  sigint: () => {
    throw new Error('SIGINT');
  },
  word: () => {
    throw 'just a word'; // oxlint-disable-line no-throw-literal -- what a bad library may do
  },
};

export default class Fail extends BaseCommand {
  static override flags = {
    way: Flags.string({ required: true, options: [...Object.keys(WAYS), 'detached', 'nan'] }),
    format: Flags.string({ options: ['text', 'ndjson'] }),
  };

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Fail);
    this.inputs.push({ path: 'gone', kind: 'probe' });
    if (flags.way === 'nan') return { findings: [], result: { value: Number.NaN } };
    if (flags.way === 'detached') {
      void Promise.reject(new Error('nobody waits for this'));
      await sleep(100);
    }
    WAYS[flags.way]?.();
    return { findings: [], result: {} };
  }
}
