import { expect } from 'chai';
import fc from 'fast-check';
import { format, inspect } from 'node:util';
import { BugError } from '../../../src/lib/core/errors.js';
import { Secret } from '../../../src/lib/encryption/secret.js';
import { leakOf, textsOf } from './leaks.js';

const key = Uint8Array.from({ length: 32 }, (_, i) => (i * 37 + 65) & 0xff);

describe('encryption/secret', () => {
  it('the leak finder finds every form', () => {
    const buffer = Buffer.from(key);
    const forms = [
      buffer.toString('hex'),
      buffer.toString('hex').toUpperCase(),
      `x${buffer.toString('base64')}`,
      Buffer.concat([Buffer.from('ab'), buffer]).toString('base64'),
      inspect(key, { maxArrayLength: null }),
      inspect(buffer, { maxArrayLength: null }),
      JSON.stringify([...key]),
      JSON.stringify(buffer),
      buffer.toString('latin1'),
    ];
    for (const form of forms) expect(leakOf(form, key), form).to.be.a('string');
    expect(leakOf('nothing to see here 0123456789', key)).to.equal(undefined);
  });

  it('is shown as [secret] whatever prints it', () => {
    const secret = Secret.copyOf(key);
    expect(String(secret)).to.equal('[secret]');
    expect(`${secret}`).to.equal('[secret]');
    expect(secret.toString()).to.equal('[secret]');
    expect(JSON.stringify({ secret })).to.equal('{"secret":"[secret]"}');
    expect(inspect(secret)).to.equal('[secret]');
    expect(inspect({ a: [secret] }, { showHidden: true, depth: 9 })).to.contain('[secret]');
    const cause = new Error('x', { cause: { secret } });
    for (const text of [
      ...textsOf(secret),
      ...textsOf({ nested: [{ secret }] }),
      ...textsOf(cause),
      format('%s %j %o %O', secret, secret, secret, secret),
      Object.entries(secret).join(),
      Reflect.ownKeys(secret).map(String).join(),
    ]) {
      expect(leakOf(text, key), text).to.equal(undefined);
    }
    expect(structuredClone({ ...secret })).to.deep.equal({});
  });

  it('keeps a copy, takes by wiping the original, and wipes itself', () => {
    const mine = Uint8Array.from(key);
    const secret = Secret.copyOf(mine);
    mine.fill(9);
    secret.use((bytes) => expect([...bytes]).to.deep.equal([...key]));
    const given = Uint8Array.from(key);
    const taken = Secret.take(given);
    expect(given.every((b) => b === 0)).to.equal(true);
    expect(taken.equals(secret)).to.equal(true);
    let lent: Uint8Array | undefined;
    secret.use((bytes) => (lent = bytes));
    secret.wipe();
    secret.wipe();
    expect(lent!.every((b) => b === 0)).to.equal(true);
    expect([secret.wiped, secret.length]).to.deep.equal([true, 0]);
    expect(() => secret.use(() => 0)).to.throw(BugError);
  });

  it('equals exactly the same bytes', () => {
    const some = fc.uint8Array({ minLength: 1, maxLength: 4, max: 2 });
    fc.assert(
      fc.property(some, some, (a, b) => {
        const same = Buffer.compare(a, b) === 0;
        expect(Secret.copyOf(a).equals(Secret.copyOf(b))).to.equal(same);
      }),
    );
  });
});
