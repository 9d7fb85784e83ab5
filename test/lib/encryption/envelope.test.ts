import { expect } from 'chai';
import fc from 'fast-check';
import { toByteString } from '../../../src/lib/bytes/byte-string.js';
import { hex, unhex } from '../../../src/lib/bytes/hex.js';
import { raftAad, storageAad } from '../../../src/lib/encryption/aad.js';
import { decodeEnvelope, sealEnvelope } from '../../../src/lib/encryption/envelope.js';
import { Keystore } from '../../../src/lib/encryption/keystore.js';
import { decodeNonce, encodeNonce } from '../../../src/lib/encryption/nonce.js';
import { unwrapRaftPayload, wrapRaftPayload } from '../../../src/lib/encryption/raft-envelope.js';
import { Secret } from '../../../src/lib/encryption/secret.js';
import {
  openStoredValue,
  relabelledUnder,
  StorageCipher,
} from '../../../src/lib/encryption/value-cipher.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';

const KEY_ID = 5;
const PLAIN = Buffer.from('the clear text of a value');
const RAW_KEY = Buffer.concat([Buffer.from('user'), unhex('fe618fbb77feffff')!]);
const OWNER = { nodeId16: 0xd4c0, localEpoch: 3 };

function keystore(...ids: number[]): Keystore {
  const keys = new Keystore();
  for (const id of ids) keys.load(id, Secret.copyOf(Buffer.alloc(32, id)));
  return keys;
}

function sealed(keys: Keystore, body: Uint8Array = PLAIN): Uint8Array {
  const cipher = new StorageCipher(keys, { putKeyId: KEY_ID }, OWNER);
  const stored = cipher.sealValue(toByteString(RAW_KEY), body);
  if (stored === null || stored instanceof Fault) throw new Error('not sealed');
  return Uint8Array.from(stored);
}

/** The plaintext, or the names of the failure, or its code where it has none. */
function outcome(result: Uint8Array | Fault): string {
  if (!(result instanceof Fault)) return Buffer.from(result).toString('latin1');
  return result.names.length === 0 ? result.code : result.names.join('+');
}

/** All results of one flipped bit each, by byte position. */
function flips(bytes: Uint8Array, open: (b: Uint8Array) => string): Map<number, Set<string>> {
  const seen = new Map<number, Set<string>>();
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    const at = seen.get(bit >> 3) ?? new Set();
    seen.set(bit >> 3, at.add(open(bytes)));
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
  return seen;
}

function names(bytes: Uint8Array): unknown {
  const result = decodeEnvelope(bytes);
  return result instanceof Fault ? result.names : 'fine';
}

describe('encryption/envelope', () => {
  it('takes an envelope apart, and seals what it takes apart', () => {
    const key = keystore(KEY_ID).get(KEY_ID)!;
    const nonce = encodeNonce({ ...OWNER, count: 1n });
    const bytes = sealEnvelope(key, 0xfffffffe, nonce, new Uint8Array(0), PLAIN);
    expect(bytes).to.have.length(34 + PLAIN.length);
    const envelope = decodeEnvelope(bytes);
    if (envelope instanceof Fault) throw new Error(envelope.text);
    expect([envelope.version, envelope.flag, envelope.keyId]).to.deep.equal([1, 0, 0xfffffffe]);
    expect(hex(envelope.nonce)).to.equal(hex(nonce));
    expect(envelope.box).to.have.length(16 + PLAIN.length);
  });

  it('judges the length before the version', () => {
    for (let n = 0; n < 34; n++)
      expect(names(Buffer.alloc(n, 9))).to.deep.equal(['ErrEnvelopeShort']);
    expect(names(Buffer.alloc(34, 9))).to.deep.equal(['ErrEnvelopeVersion']);
    expect(names(Buffer.alloc(34, 0))).to.deep.equal(['ErrEnvelopeVersion']);
    expect(names(Buffer.alloc(34, 1))).to.equal('fine');
  });

  it('the AADs are those of the format', () => {
    const header = unhex('020000638844709e01')!;
    const key = unhex('736563726574fe618fbb77feffff')!;
    expect(hex(storageAad(1, 0, 5, header, key))).to.equal(
      '010000000005020000638844709e01736563726574fe618fbb77feffff',
    );
    expect(hex(storageAad(1, 1, 0xff000001, header, key)).slice(0, 12)).to.equal('0101ff000001');
    expect(hex(raftAad(1, 6))).to.equal('520100000006');
  });

  it('nonces encode and decode, at their widths', () => {
    const u16 = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(
        u16,
        u16,
        fc.bigInt(0n, 0xffff_ffff_ffff_ffffn),
        (nodeId16, localEpoch, count) => {
          const nonce = { nodeId16, localEpoch, count };
          expect(decodeNonce(encodeNonce(nonce))).to.deep.equal(nonce);
        },
      ),
    );
  });
});

describe('encryption/value-cipher', () => {
  it('opens what it sealed, for every body', () => {
    const keys = keystore(KEY_ID);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        expect(hex(openStoredValue(keys, RAW_KEY, sealed(keys, body)) as Uint8Array)).to.equal(
          hex(body),
        );
      }),
    );
  });

  it('gives a named failure for every flipped bit of a stored value, never a byte of plaintext', () => {
    const keys = keystore(KEY_ID);
    const seen = flips(sealed(keys), (b) => outcome(openStoredValue(keys, RAW_KEY, b)));
    for (const [pos, results] of seen) {
      const want =
        pos === 9
          ? 'ErrEnvelopeVersion'
          : pos >= 11 && pos < 15
            ? 'ErrUnknownKeyID'
            : 'ErrEncryptedReadIntegrity';
      // Key id 5 has one bit whose flip gives another loaded or reserved id: none here.
      expect([...results], `byte ${pos}`).to.deep.equal([want]);
    }
  });

  it('binds a value to its key, its timestamp and its expiry', () => {
    const keys = keystore(KEY_ID);
    const stored = sealed(keys);
    const moved = Uint8Array.from(RAW_KEY);
    for (const [pos, results] of flips(moved, (b) => outcome(openStoredValue(keys, b, stored)))) {
      expect([...results], `key byte ${pos}`).to.deep.equal(['ErrEncryptedReadIntegrity']);
    }
  });

  it('names each failure of a row', () => {
    const stored = sealed(keystore(KEY_ID));
    expect(outcome(openStoredValue(keystore(6), RAW_KEY, stored))).to.equal('ErrUnknownKeyID');
    const reserved = Uint8Array.from(stored);
    reserved.fill(0, 11, 15);
    expect(outcome(openStoredValue(keystore(6), RAW_KEY, reserved))).to.equal('ErrReservedKeyID');
    const other = Uint8Array.from(stored);
    other[14] = 6;
    expect(outcome(openStoredValue(keystore(5, 6), RAW_KEY, other))).to.equal(
      'ErrEncryptedReadIntegrity',
    );
    for (let end = 9; end < stored.length; end++) {
      const want = end < 43 ? 'ErrEnvelopeShort' : 'ErrEncryptedReadIntegrity';
      expect(outcome(openStoredValue(keystore(5), RAW_KEY, stored.subarray(0, end)))).to.equal(
        want,
      );
    }
  });

  it('counts one nonce a put, none while the switch is off, none without the key', () => {
    const puts: { putKeyId: number | null } = { putKeyId: null };
    const cipher = new StorageCipher(keystore(KEY_ID), puts, OWNER);
    const rawKey = toByteString(RAW_KEY);
    expect(cipher.sealValue(rawKey, PLAIN)).to.equal(null);
    puts.putKeyId = 9;
    expect(outcome(cipher.sealValue(rawKey, PLAIN)!)).to.equal('ErrUnknownKeyID');
    puts.putKeyId = KEY_ID;
    for (const count of [1n, 2n, 3n]) {
      const stored = cipher.sealValue(rawKey, PLAIN) as Uint8Array;
      expect(decodeNonce(Uint8Array.from(stored.subarray(15, 27)))).to.deep.equal({
        ...OWNER,
        count,
      });
    }
    expect(cipher.writeCount).to.equal(3n);
  });

  it('recognises a relabelled row under any loaded key, with its expiry or without', () => {
    const keys = keystore(2, KEY_ID, 9);
    const stored = sealed(keys);
    stored[0] = 0;
    expect(relabelledUnder(keys, RAW_KEY, stored)).to.equal(KEY_ID);
    // The body's own version, flag and key id are not believed.
    stored.fill(0xff, 9, 15);
    expect(relabelledUnder(keys, RAW_KEY, stored)).to.equal(KEY_ID);
    // Sealed with expireAt 0, an expiry written over it.
    stored[3] = 7;
    expect(relabelledUnder(keys, RAW_KEY, stored)).to.equal(KEY_ID);
    const cipher = new StorageCipher(keys, { putKeyId: null }, OWNER);
    expect(cipher.isRelabelled(toByteString(RAW_KEY), stored)).to.equal(true);
    expect(relabelledUnder(keystore(2, 9), RAW_KEY, stored)).to.equal(undefined);
    expect(relabelledUnder(keys, RAW_KEY, stored.subarray(0, 42))).to.equal(undefined);
    stored[40]! ^= 1;
    expect(relabelledUnder(keys, RAW_KEY, stored)).to.equal(undefined);
    expect(cipher.isRelabelled(toByteString(RAW_KEY), stored)).to.equal(false);
  });

  it('recognises a relabelled row that was sealed with an expiry', () => {
    const keys = keystore(KEY_ID);
    const header = unhex('020000638844709e01')!;
    const aad = storageAad(1, 0, KEY_ID, header, RAW_KEY);
    const nonce = encodeNonce({ ...OWNER, count: 1n });
    const envelope = sealEnvelope(keys.get(KEY_ID)!, KEY_ID, nonce, aad, PLAIN);
    const stored = Buffer.concat([header, envelope]);
    expect(outcome(openStoredValue(keys, RAW_KEY, stored))).to.equal(PLAIN.toString());
    stored[0] = 0;
    expect(relabelledUnder(keys, RAW_KEY, stored)).to.equal(KEY_ID);
    stored[8] = 0;
    expect(relabelledUnder(keys, RAW_KEY, stored)).to.equal(undefined);
  });
});

describe('encryption/raft-envelope', () => {
  const payload = Buffer.from('a payload of the log');
  const nonce = encodeNonce({ ...OWNER, count: 1n });

  it('halts on every flipped bit but those of the flag, which is not authenticated', () => {
    const keys = keystore(KEY_ID);
    const wrapped = wrapRaftPayload(keys.get(KEY_ID)!, KEY_ID, nonce, payload);
    for (const [pos, results] of flips(wrapped, (b) => outcome(unwrapRaftPayload(keys, b)))) {
      const cause =
        pos === 0 ? 'ErrEnvelopeVersion' : pos >= 2 && pos < 6 ? 'ErrUnknownKeyID' : 'ErrIntegrity';
      const want = pos === 1 ? payload.toString() : `ErrRaftUnwrapFailed+${cause}`;
      expect([...results], `byte ${pos}`).to.deep.equal([want]);
    }
  });

  it('names cause and effect; no cipher has no cause', () => {
    const wrapped = wrapRaftPayload(keystore(5).get(5)!, 5, nonce, payload);
    expect(outcome(unwrapRaftPayload(undefined, wrapped))).to.equal('ErrRaftUnwrapFailed');
    expect(outcome(unwrapRaftPayload(keystore(), wrapped))).to.equal(
      'ErrRaftUnwrapFailed+ErrUnknownKeyID',
    );
    const short = unwrapRaftPayload(keystore(5), wrapped.subarray(0, 33));
    expect(outcome(short)).to.equal('ErrRaftUnwrapFailed+ErrEnvelopeShort');
    wrapped.fill(0, 2, 6);
    expect(outcome(unwrapRaftPayload(keystore(5), wrapped))).to.equal(
      'ErrRaftUnwrapFailed+ErrReservedKeyID',
    );
  });

  it('does not take a storage envelope for one of its own', () => {
    const keys = keystore(KEY_ID);
    const envelope = sealed(keys).subarray(9);
    expect(outcome(unwrapRaftPayload(keys, envelope))).to.equal('ErrRaftUnwrapFailed+ErrIntegrity');
  });
});

describe('encryption/keystore', () => {
  it('takes a key twice, another one under its id never, id 0 never', () => {
    const keys = keystore(7, 3);
    expect(keys.load(7, Secret.copyOf(Buffer.alloc(32, 7)))).to.equal(undefined);
    expect(keys.load(7, Secret.copyOf(Buffer.alloc(32, 8)))?.names).to.deep.equal([
      'ErrKeyConflict',
    ]);
    expect(keys.load(0, Secret.copyOf(Buffer.alloc(32, 8)))?.names).to.deep.equal([
      'ErrReservedKeyID',
    ]);
    expect(keys.ids()).to.deep.equal([3, 7]);
  });

  it('a clone grows by itself; wiping forgets', () => {
    const keys = keystore(1);
    const clone = keys.clone();
    clone.load(2, Secret.copyOf(Buffer.alloc(32, 2)));
    expect([keys.ids(), clone.ids()]).to.deep.equal([[1], [1, 2]]);
    keys.wipe();
    expect([keys.ids(), keys.get(1)]).to.deep.equal([[], undefined]);
  });
});
