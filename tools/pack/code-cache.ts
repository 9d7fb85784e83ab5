/**
 * The compiled form of the bundle, `lib/ekv.jsc`: V8's bytecode of what a few ordinary commands ran,
 * taken from processes that ran them on the bundled sample node. It serves the Node that made it; any
 * other ignores it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { untar } from '../../src/lib/io/untar.js';

/** Runs in a process of its own, with the program, the file to write and the words of a command. */
const RECORD = `
  const { writeFileSync } = require('node:fs');
  const { crc32 } = require('node:zlib');
  const [program, file] = process.argv.splice(1, 2);
  process.argv.splice(1, 0, program);
  let script;
  process.on('exit', () => {
    const bytecode = script.createCachedData();
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(bytecode));
    writeFileSync(file, Buffer.concat([bytecode, sum]));
  });
  script = require(program);
`;

/** Nothing found, or something worth a warning. */
const ANSWERS = [0, 3];

/** In the order of the runs: each takes over what those before have compiled. */
function commandsFor(data: string): string[][] {
  return [
    ['inspect', join(data, 'n1', 'etcd-raft-peers.bin')],
    ['verify-crc', data],
    ['replay-wal', '--data-dir', data, '--raft-id', 'n1', '--format', 'ndjson'],
    ['cold-start-dryrun', '--data-dir', data, '--raft-id', 'n1'],
  ];
}

/**
 * @param root  of the repository
 * @param target  a program that is laid out but for this
 */
export function writeCodeCache(root: string, target: string): void {
  const work = mkdtempSync(join(tmpdir(), 'ekv-pack-'));
  try {
    const sample = join(work, 'sample');
    mkdirSync(sample);
    untar(join(root, 'samples', 'plain-node.tar.gz'), sample);
    const program = join(target, 'bin', 'ekv');
    for (const words of commandsFor(join(sample, 'data'))) {
      const args = ['-e', RECORD, program, join(target, 'lib', 'ekv.jsc'), ...words];
      const run = spawnSync(process.execPath, args, { cwd: work, encoding: 'utf8' });
      if (run.status === null || !ANSWERS.includes(run.status)) {
        throw new Error(`ekv ${words.join(' ')} ended with ${run.status}: ${run.stderr}`);
      }
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
