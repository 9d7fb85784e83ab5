import { expect } from 'chai';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IoError, ToolError } from '../../../src/lib/core/errors.js';
import { FileSource } from '../../../src/lib/io/file-source.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { NODE_AEAD } from '../../../src/lib/encryption/aead.js';
import { kekStateOf } from '../../../src/lib/encryption/guard-inputs.js';
import { Kek, readKek, WRAPPED_LENGTH, type KekFile } from '../../../src/lib/encryption/kek.js';
import { Secret } from '../../../src/lib/encryption/secret.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';
import { tempDir } from '../../support/fixtures.js';

function kekFile(length: number, mode: number): KekFile {
  const source = new MemorySource('kek.bin', Buffer.alloc(length, 0x42));
  return Object.assign(source, { mode });
}

function refusal(length: number, mode: number): (string | undefined)[] {
  try {
    readKek(kekFile(length, mode));
  } catch (error) {
    if (error instanceof ToolError) return [error.code, error.nodeError, error.site?.path];
    throw error;
  }
  throw new Error('accepted');
}

describe('encryption/kek', () => {
  it('accepts 32 bytes that only the owner can touch', () => {
    for (const mode of [0o400, 0o600, 0o700, 0o000]) {
      expect(readKek(kekFile(32, mode)).length, mode.toString(8)).to.equal(32);
    }
  });

  it('refuses any bit of group or others, before it looks at the length', () => {
    for (const bit of [0o040, 0o020, 0o010, 0o004, 0o002, 0o001]) {
      for (const length of [32, 31]) {
        const want = ['kek-insecure-mode', 'ErrInsecureKEKFile', 'kek.bin'];
        expect(refusal(length, 0o600 | bit), bit.toString(8)).to.deep.equal(want);
      }
    }
  });

  it('refuses every other length, without a name', () => {
    for (const length of [0, 1, 16, 31, 33, 64, 65]) {
      expect(refusal(length, 0o600)).to.deep.equal(['kek-length', undefined, 'kek.bin']);
    }
  });

  it('judges real files through one descriptor: loaded, missing, directory, mode, length', () => {
    const dir = tempDir('kek');
    const at = (name: string): string => join(dir, name);
    writeFileSync(at('good'), Buffer.alloc(32, 1), { mode: 0o600 });
    writeFileSync(at('open'), Buffer.alloc(32, 1));
    chmodSync(at('open'), 0o644);
    writeFileSync(at('newline'), Buffer.alloc(33, 1), { mode: 0o600 });
    mkdirSync(at('dir'));
    const codes = ['good', 'none', 'dir', 'open', 'newline'].map((name) => {
      const state = kekStateOf(() => new FileSource(at(name)));
      return state.kind === 'failed' ? state.error.code : state.kind;
    });
    expect(codes).to.deep.equal([
      'loaded',
      'kek-missing',
      'kek-not-regular',
      'kek-insecure-mode',
      'kek-length',
    ]);
  });

  it('passes on what is our own environment’s doing', () => {
    const denied = new IoError('io-permission', 'cannot open: permission denied');
    const open = (): KekFile => {
      throw denied;
    };
    expect(() => kekStateOf(open)).to.throw(denied);
  });

  it('unwraps, and for every flipped bit and every other length gives an unnamed failure', () => {
    const secret = Secret.copyOf(Buffer.alloc(32, 0x42));
    const kek = new Kek(secret);
    const nonce = Buffer.alloc(12, 1);
    const dek = Buffer.from('0123456789abcdef0123456789ABCDEF');
    const box = NODE_AEAD.key(secret).seal(nonce, new Uint8Array(0), dek);
    const wrapped = Buffer.concat([nonce, box]);
    expect(wrapped).to.have.length(WRAPPED_LENGTH);
    const unwrapped = kek.unwrap(wrapped);
    if (unwrapped instanceof Fault) throw new Error(unwrapped.text);
    unwrapped.use((bytes) => expect(Buffer.from(bytes).toString()).to.equal(dek.toString()));
    for (let bit = 0; bit < wrapped.length * 8; bit++) {
      wrapped[bit >> 3]! ^= 1 << (bit & 7);
      const failure = kek.unwrap(wrapped);
      expect(failure instanceof Fault && [failure.code, ...failure.names]).to.deep.equal([
        'wrapped-key-tag',
      ]);
      wrapped[bit >> 3]! ^= 1 << (bit & 7);
    }
    for (let length = 0; length <= 64; length++) {
      if (length === WRAPPED_LENGTH) continue;
      const failure = kek.unwrap(Buffer.concat([wrapped, wrapped]).subarray(0, length));
      expect(failure instanceof Fault && failure.code).to.equal('wrapped-key-length');
    }
  });
});
