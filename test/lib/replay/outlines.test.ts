/** What a listing shows of an entry's inside, for those who ask for values and for encryption. */
import { expect } from 'chai';
import { tagOf } from '../../../src/lib/fsm/payload.js';
import { encryptionOutline } from '../../../src/lib/replay/encryption-outline.js';
import { mutationsOf } from '../../../src/lib/replay/mutation-values.js';
import { vectorBytes } from '../../fuzz/samples.js';
import { batch, del, put, raw, single } from '../fsm/request-writer.js';

describe('replay: mutations of an entry with their values', () => {
  it('in their order, with the request they belong to, values cut where asked', () => {
    const payload = batch(raw(5n, put('a', 'long value'), del('b')), raw(6n, put('\u00ff', '')));
    expect(mutationsOf(payload, 4)).to.deep.equal([
      { request: 0, op: 'put', keyHex: '61', valueLength: 10, valueHex: '6c6f6e67' },
      { request: 0, op: 'del', keyHex: '62', valueLength: 0, valueHex: '' },
      { request: 1, op: 'put', keyHex: 'ff', valueLength: 0, valueHex: '' },
    ]);
  });

  it('an operation without a name keeps its number', () => {
    const odd = { op: 9, key: 'k', value: new Uint8Array(0) };
    expect(mutationsOf(single(raw(5n, odd)), 4)[0]?.op).to.equal('9');
  });

  it('nothing for a lease and for bytes that do not decode', () => {
    expect(mutationsOf(Buffer.from('020000000000000005', 'hex'), 4)).to.deep.equal([]);
    expect(mutationsOf(Buffer.from('00ff', 'hex'), 4)).to.deep.equal([]);
  });
});

describe('replay: what an encryption entry says', () => {
  const outlines = vectorBytes('payload')
    .filter(([tag]) => tag !== undefined && tag >= 3 && tag <= 5)
    .map((payload) => ({ payload, outline: encryptionOutline(tagOf(payload), payload) }));

  it('the keys and writers of every kind among the vectors of the spec', () => {
    const kinds = new Set(outlines.map(({ outline }) => outline?.kind));
    expect([...kinds]).to.include.members(['registration', 'bootstrap', 'rotate']);
    for (const { payload, outline } of outlines) {
      if (outline === null) continue;
      const keys = outline.kind === 'bootstrap' ? 2 : 1;
      expect(outline.dekIds, Buffer.from(payload).toString('hex')).to.have.length(keys);
      const { kind } = outline;
      const purposes = kind === 'bootstrap' ? ['both'] : ['storage', 'raft'];
      if (kind === 'registration') expect(outline.purpose).to.equal(null);
      else expect(purposes).to.include(outline.purpose);
    }
  });

  it('says nothing of other payloads, of wrapped ones, and of what does not decode', () => {
    expect(encryptionOutline('single', single(raw(5n, put('a', 'b'))))).to.equal(null);
    expect(encryptionOutline('rotation', null)).to.equal(null);
    expect(encryptionOutline('rotation', Buffer.from('05', 'hex'))).to.equal(null);
  });
});
