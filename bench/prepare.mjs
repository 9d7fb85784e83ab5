/** What the jobs work on: reference nodes and large files, made once and kept in a work directory. */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BUILT = join(ROOT, 'build');
const lib = (path) => import(pathToFileURL(join(BUILT, 'src/lib', `${path}.js`)).href);

export const STATES = ['end', 'snapshot', 'absent'];
const GIB = 2 ** 30;

export function hasGo() {
  return spawnSync('go', ['version']).status === 0;
}

function goBuild(folder, into, packages) {
  const cwd = join(ROOT, 'tools', folder);
  const built = spawnSync('go', ['build', '-o', `${into}/`, ...packages], { cwd });
  if (built.status !== 0) throw new Error(`go build in ${cwd}:\n${built.stderr}`);
}

/** The anchors and the maker of nodes, built on the spot. */
export function buildGo(work) {
  const into = join(work, 'bin');
  mkdirSync(into, { recursive: true });
  goBuild('bench-anchors', into, ['./crcfile', './walread', './pebblescan']);
  goBuild('mknode', into, ['.']);
  return into;
}

/** The library's jobs as one script, made as the program is. @returns its path */
export async function bundleTask(work) {
  const { bundleScripts } = await import(pathToFileURL(join(BUILT, 'tools/pack/bundle.js')).href);
  const folder = join(work, 'task');
  await bundleScripts(BUILT, folder, [{ in: join(ROOT, 'bench', 'task.mjs'), out: 'task' }]);
  return join(folder, 'task.js');
}

/** A node of so many keys and entries, a tenth as many where nothing is said, in a state of fsm.db. */
export function node(work, keys, state, entries = keys / 10) {
  const tail = entries === keys / 10 ? '' : `-tail-${entries}`;
  const dir = join(work, `node-${keys}${tail}`, state);
  if (existsSync(dir)) return dir;
  const draft = `${dir}.unfinished`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(dirname(dir), { recursive: true });
  const flags = ['-dir', draft, '-keys', keys, '-value', 200, '-tail', entries, '-fsm', state];
  const made = spawnSync(join(work, 'bin', 'mknode'), flags.map(String));
  if (made.status !== 0) throw new Error(`mknode: ${made.stderr}`);
  renameSync(draft, dir);
  return dir;
}

/** Writes a file under another name first, so that a half of one is never taken for it. */
function file(path, write) {
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(`${path}.unfinished`, 'w');
  write(fd);
  closeSync(fd);
  renameSync(`${path}.unfinished`, path);
  return path;
}

/** Bytes without a pattern that would flatter anybody. */
function noise(length) {
  const out = new Uint32Array(length / 4);
  let s = 88_172_645;
  for (let i = 0; i < out.length; i++) {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    out[i] = s;
  }
  return new Uint8Array(out.buffer);
}

/** A `.fsm` of that many GiB whose checksum is right: a header, then noise. */
export async function fullFsm(work, gib) {
  const { crc32c } = await lib('checksum/crc32c');
  return file(join(work, `full-${gib}g`, '0000000000000001.fsm'), (fd) => {
    const block = noise(64 << 20);
    block.set(Buffer.from('EKVTHLC1\0\0\0\0\0\0\0\x01EKVPBBL1', 'latin1'));
    let crc = 0;
    for (let done = 0; done < gib * GIB; done += block.length) {
      crc = crc32c(block, crc);
      writeSync(fd, block);
    }
    writeSync(fd, footer(crc));
  });
}

function footer(crc) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes;
}

/** The same with holes for the noise: a file of any size that takes no room. */
export async function sparseFsm(work, gib) {
  const { crc32c } = await lib('checksum/crc32c');
  return file(join(work, `sparse-${gib}g`, '0000000000000001.fsm'), (fd) => {
    const head = Buffer.from('EKVTHLC1\0\0\0\0\0\0\0\x01', 'latin1');
    writeSync(fd, head);
    ftruncateSync(fd, gib * GIB);
    const zeros = new Uint8Array(16 << 20);
    let crc = crc32c(head);
    for (let left = gib * GIB - head.length; left > 0; left -= zeros.length) {
      crc = crc32c(zeros.subarray(0, Math.min(left, zeros.length)), crc);
    }
    writeSync(fd, footer(crc), 0, 4, gib * GIB);
  });
}

/** A WAL of that many segments of about 64 MB, each with 62 entries of 1 MiB (holes but for the heads). */
export async function sparseWal(work, segments) {
  const { WalEncoder } = await lib('raft/wal/encoder');
  const { PROTO_36 } = await lib('proto/dialect');
  const dir = join(work, `wal-${segments}`);
  if (existsSync(dir)) return dir;
  const draft = `${dir}.unfinished`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const encoder = new WalEncoder(PROTO_36);
  const data = new Uint8Array(1 << 20);
  let index = 1n;
  for (let number = 0; number < segments; number++) {
    const name = [number, Number(index)].map((n) => n.toString(16).padStart(16, '0')).join('-');
    const fd = openSync(join(draft, `${name}.wal`), 'w');
    const records = [encoder.crcRecord(), encoder.metadata()];
    if (number === 0) records.push(encoder.snapshot({ index: 0n, term: 0n }));
    let at = 0;
    const write = (bytes, shown = bytes.length) => {
      writeSync(fd, bytes, 0, shown, at);
      at += bytes.length;
    };
    for (const record of records) write(record);
    for (let i = 0; i < 62; i++) {
      const entry = encoder.entry({ type: 0, term: 1n, index: index++, data });
      // Frame, record and entry heads; what follows is zero.
      write(entry, 64);
    }
    write(encoder.hardState({ term: 1n, vote: 1n, commit: index - 1n }));
    ftruncateSync(fd, Math.max(at, 64_000_000));
    closeSync(fd);
  }
  renameSync(draft, dir);
  return dir;
}
