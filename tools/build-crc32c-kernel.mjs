// Assembles src/lib/checksum/crc32c-kernel.wat and rewrites crc32c-kernel.ts with the result.
// Run after every change of the source: node tools/build-crc32c-kernel.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import initWabt from 'wabt';

const source = new URL('../src/lib/checksum/crc32c-kernel.wat', import.meta.url);
const target = new URL('../src/lib/checksum/crc32c-kernel.ts', import.meta.url);
const wabt = await initWabt();
const module = wabt.parseWat('crc32c-kernel.wat', readFileSync(source, 'utf8'), {
  simd: true,
  bulk_memory: true,
});
module.validate();
const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64');
const lines = base64.match(/.{1,90}/g).map((line) => `  '${line}',`);
writeFileSync(
  target,
  `/** Made from crc32c-kernel.wat by tools/build-crc32c-kernel.mjs; a test ties the two together. */
export const CRC32C_KERNEL_BASE64 = [
${lines.join('\n')}
].join('');
`,
);
