// Assembles the kernels and rewrites the .ts beside each with the result.
// Run after every change of a source: node tools/build-kernels.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import initWabt from 'wabt';

const KERNELS = [
  'checksum/crc32c-kernel',
  'compression/snappy-kernel',
  'kv/hex-kernel',
  'pebble/sstable/row-kernel',
];

const wabt = await initWabt();
for (const kernel of KERNELS) {
  const source = new URL(`../src/lib/${kernel}.wat`, import.meta.url);
  const target = new URL(`../src/lib/${kernel}.ts`, import.meta.url);
  const name = basename(kernel);
  const module = wabt.parseWat(`${name}.wat`, readFileSync(source, 'utf8'), {
    simd: true,
    bulk_memory: true,
  });
  module.validate();
  const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64');
  const lines = base64.match(/.{1,90}/g).map((line) => `  '${line}',`);
  writeFileSync(
    target,
    `/** Made from ${name}.wat by tools/build-kernels.mjs; a test ties the two together. */
export const ${name.replaceAll('-', '_').toUpperCase()}_BASE64 = [
${lines.join('\n')}
].join('');
`,
  );
}
