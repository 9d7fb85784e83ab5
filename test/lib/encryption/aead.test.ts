import { expect } from 'chai';
import fc from 'fast-check';
import { hex, unhex } from '../../../src/lib/bytes/hex.js';
import { BugError } from '../../../src/lib/core/errors.js';
import { NOBLE_AEAD, NODE_AEAD } from '../../../src/lib/encryption/aead.js';
import { Secret } from '../../../src/lib/encryption/secret.js';

const AEADS = [NODE_AEAD, NOBLE_AEAD];
const exactly = (n: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: n, maxLength: n });
const some = fc.uint8Array({ maxLength: 300 });

describe('encryption/aead', () => {
  // The GCM specification (McGrew, Viega), test cases 13, 14 and 16: AES-256, 96-bit IV.
  const known: readonly [string, string, string, string, string][] = [
    ['00'.repeat(32), '00'.repeat(12), '', '', '530f8afbc74536b9a963b4f1c4cb738b'],
    [
      '00'.repeat(32),
      '00'.repeat(12),
      '',
      '00'.repeat(16),
      'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
    ],
    [
      'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
      'cafebabefacedbaddecaf888',
      'feedfacedeadbeeffeedfacedeadbeefabaddad2',
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
    ],
  ];

  for (const aead of AEADS) {
    it(`${aead.name} gives the published test cases`, () => {
      for (const [key, nonce, aad, clear, box] of known) {
        const made = aead.key(Secret.copyOf(unhex(key)!));
        expect(hex(made.seal(unhex(nonce)!, unhex(aad)!, unhex(clear)!))).to.equal(box);
        const opened = made.open(unhex(nonce)!, unhex(aad)!, unhex(box)!);
        expect(opened && hex(opened)).to.equal(clear);
      }
    });

    it(`${aead.name} insists on 12-byte nonces, 32-byte keys and whole tags`, () => {
      const made = aead.key(Secret.copyOf(new Uint8Array(32)));
      const none = new Uint8Array(0);
      for (const length of [0, 8, 11, 13, 16]) {
        expect(() => made.seal(new Uint8Array(length), none, none)).to.throw(BugError);
        expect(() => made.open(new Uint8Array(length), none, new Uint8Array(16))).to.throw(
          BugError,
        );
      }
      for (const length of [0, 16, 24, 31, 33]) {
        expect(() => aead.key(Secret.copyOf(new Uint8Array(length)))).to.throw(BugError);
      }
      const nonce = new Uint8Array(12);
      const box = made.seal(nonce, none, Buffer.from('hello'));
      for (let end = 0; end < box.length; end++) {
        expect(made.open(nonce, none, box.subarray(0, end)), String(end)).to.equal(undefined);
      }
    });

    it(`${aead.name} gives nothing for any flipped bit of box, AAD or nonce`, () => {
      const made = aead.key(Secret.copyOf(Buffer.alloc(32, 7)));
      const nonce = Buffer.alloc(12, 1);
      const aad = Buffer.from('aad');
      const box = made.seal(nonce, aad, Buffer.from('some plain text'));
      expect(Buffer.from(made.open(nonce, aad, box)!).toString()).to.equal('some plain text');
      for (const part of [box, aad, nonce]) {
        for (let bit = 0; bit < part.length * 8; bit++) {
          part[bit >> 3]! ^= 1 << (bit & 7);
          expect(made.open(nonce, aad, box), `bit ${bit}`).to.equal(undefined);
          part[bit >> 3]! ^= 1 << (bit & 7);
        }
      }
    });

    it(`${aead.name} survives the wiping of the secret it was made from`, () => {
      const secret = Secret.copyOf(Buffer.alloc(32, 7));
      const made = aead.key(secret);
      const nonce = new Uint8Array(12);
      const before = hex(made.seal(nonce, nonce, nonce));
      secret.wipe();
      expect(hex(made.seal(nonce, nonce, nonce))).to.equal(before);
    });
  }

  it('the two are one: equal boxes, each opens the other’s', () => {
    fc.assert(
      fc.property(exactly(32), exactly(12), some, some, (key, nonce, aad, clear) => {
        const [node, noble] = AEADS.map((aead) => aead.key(Secret.copyOf(key)));
        const box = node!.seal(nonce, aad, clear);
        expect(hex(noble!.seal(nonce, aad, clear))).to.equal(hex(box));
        for (const made of [node, noble])
          expect(hex(made!.open(nonce, aad, box)!)).to.equal(hex(clear));
      }),
    );
  });

  it('borrowed views are left as they were and results are not aliases', () => {
    const made = NODE_AEAD.key(Secret.copyOf(new Uint8Array(32)));
    const clear = Buffer.from('abc');
    const box = made.seal(new Uint8Array(12), clear, clear);
    made.open(new Uint8Array(12), clear, box)!.fill(0);
    expect(clear.toString()).to.equal('abc');
    expect(Buffer.from(made.open(new Uint8Array(12), clear, box)!).toString()).to.equal('abc');
  });
});
