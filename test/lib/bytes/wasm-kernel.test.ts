import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import initWabt from 'wabt';
import { startKernel } from '../../../src/lib/bytes/wasm-kernel.js';
import { CRC32C_KERNEL_BASE64 } from '../../../src/lib/checksum/crc32c-kernel.js';
import { SNAPPY_KERNEL_BASE64 } from '../../../src/lib/compression/snappy-kernel.js';
import { HEX_KERNEL_BASE64 } from '../../../src/lib/kv/hex-kernel.js';
import { ROW_KERNEL_BASE64 } from '../../../src/lib/pebble/sstable/row-kernel.js';
import { ROOT } from '../../support/fixtures.js';

const KERNELS = {
  'checksum/crc32c-kernel': CRC32C_KERNEL_BASE64,
  'compression/snappy-kernel': SNAPPY_KERNEL_BASE64,
  'kv/hex-kernel': HEX_KERNEL_BASE64,
  'pebble/sstable/row-kernel': ROW_KERNEL_BASE64,
};

describe('bytes: WebAssembly kernels', () => {
  for (const [name, base64] of Object.entries(KERNELS)) {
    it(`${name} is the assembled form of the source beside it`, async () => {
      const wabt = await initWabt();
      const source = readFileSync(join(ROOT, `src/lib/${name}.wat`), 'utf8');
      const module = wabt.parseWat(name, source, { simd: true, bulk_memory: true });
      const binary = Buffer.from(module.toBinary({}).buffer);
      expect(binary.toString('base64')).to.equal(base64);
    });
  }

  it('do not start where the engine does not know their instructions', () => {
    expect(startKernel(Buffer.from('\0asm\x01\0\0\0\x0c').toString('base64'))).to.equal(undefined);
  });
});
