/**
 * `npm start`: with words behind `--` any command, without them the dry run on the bundled node.
 * The sample is a real node's data directory, killed while it served traffic.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from './setup.mjs';

const ARCHIVE = join(ROOT, 'samples', 'plain-node.tar.gz');
const SAMPLE = join(ROOT, 'build', 'sample');
const PEERS = 'n1=127.0.0.1:50151';

/** Unpacks the sample once and whenever the archive changes. */
async function unpackSample() {
  const { size, mtimeMs } = statSync(ARCHIVE);
  const print = `${size} ${mtimeMs}`;
  const stamp = join(SAMPLE, '.archive');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === print) return;
  rmSync(SAMPLE, { recursive: true, force: true });
  mkdirSync(SAMPLE, { recursive: true });
  const { untar } = await import('../build/src/lib/io/untar.js');
  untar(ARCHIVE, SAMPLE);
  writeFileSync(stamp, print);
}

function ekv(args) {
  const run = spawnSync(process.execPath, [join(ROOT, 'bin', 'run.js'), ...args], {
    stdio: 'inherit',
  });
  return run.status ?? 130;
}

async function demo() {
  await unpackSample();
  const dataDir = relative(process.cwd(), join(SAMPLE, 'data')) || '.';
  const node = ['--raft-id', 'n1', '--peers', PEERS, '--bootstrap'];
  const args = ['cold-start-dryrun', '--data-dir', dataDir, ...node];
  process.stderr.write(`$ ekv ${args.join(' ')}\n`);
  const status = ekv(args);
  process.stderr.write(`exit status ${status} (ekv exit-codes says what that means)\n`);
  // 3 is an answer about the sample, not a failure of the demonstration.
  return status === 3 ? 0 : status;
}

// A Ctrl-C goes to the whole group; the child answers it.
process.on('SIGINT', () => undefined);
const words = process.argv.slice(2);
process.exitCode = words.length > 0 ? ekv(words) : await demo();
