/**
 * One piece of library work in a process of its own, timed from inside:
 *
 *     node bench/task.mjs TASK PATH …
 *
 * Prints what the anchors print: {"seconds", "cpu", "bytes", "items", "result"}.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BUILD = process.env.EKV_BUILD ?? 'build';
const lib = (path) => import(pathToFileURL(join(ROOT, BUILD, 'src/lib', `${path}.js`)).href);

const { FileSource, FsDir } = await lib('io/file-source');
const { NO_PACE } = await lib('core/pace');

async function crc(path, threads) {
  const { crcOfRange } = await lib('io/file-crc');
  return async () => {
    const source = new FileSource(path);
    const sum = await crcOfRange(source, 0, source.size, 0, NO_PACE, { threads });
    return { bytes: source.size, result: sum.toString(16).padStart(8, '0') };
  };
}

async function openedDb(path) {
  const { openPebble } = await lib('pebble/db/pebble-db');
  return () => openPebble(new FsDir(path));
}

const TASKS = {
  'crc-1': (path) => crc(path, 1),
  'crc-2': (path) => crc(path, 2),

  async scan(path) {
    const open = await openedDb(path);
    return () => {
      const cursor = open().cursor();
      let items = 0;
      let bytes = 0;
      for (let on = cursor.first(); on; on = cursor.next()) {
        items++;
        bytes += cursor.key.length + cursor.value.length;
      }
      return { items, bytes, result: `${items} keys` };
    };
  },

  async digest(path) {
    const open = await openedDb(path);
    const { storeDigest } = await lib('kv/store-digest');
    return async () => {
      const { keys, sha256 } = await storeDigest(open(), NO_PACE);
      return { items: keys, result: sha256 };
    };
  },

  async wal(path) {
    const { listWal } = await lib('raft/wal/segment-name');
    const { withSegments } = await lib('raft/wal/open-segments');
    const { scanSnapshots } = await lib('raft/wal/snapshot-scan');
    const { readAll } = await lib('raft/wal/read-all');
    const { PROTO_36 } = await lib('proto/dialect');
    return () => {
      const dir = new FsDir(path);
      const { segments } = listWal(dir);
      return withSegments(dir, segments, (open) => {
        const last = scanSnapshots(open, PROTO_36).valid.at(-1) ?? { index: 0n, term: 0n };
        const { entries, hardState } = readAll(open, last, PROTO_36);
        return { items: entries.length, result: `commit ${hardState.commit}` };
      });
    };
  },

  /** A whole prediction; `name` is a generation. */
  async boot(path, name, digest) {
    const { predictBoot } = await lib('engine/boot');
    const { GENERATIONS } = await lib('engine/generation');
    const peers = ['n1', 'n2', 'n3'].map((id) => ({ id, address: `${id}:1` }));
    const input = {
      group: new FsDir(path),
      generation: GENERATIONS[name],
      raftId: 'n1',
      peers,
      bootstrap: false,
      guards: false,
      encryption: { on: undefined, sidecar: { kind: 'no-path' }, kek: { kind: 'none' } },
      groups: [],
      wantDigest: digest === 'digest',
      onEntry: null,
      nowMs: 0n,
      pace: NO_PACE,
    };
    return async () => {
      const { verdict, counters } = await predictBoot(input);
      return { items: Number(counters.appliedIndex), result: verdict };
    };
  },
};

const [name, ...args] = process.argv.slice(2);
const work = await TASKS[name](...args);
const cpuBefore = process.cpuUsage();
const start = performance.now();
const outcome = await work();
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(`${JSON.stringify({ seconds, cpu: (user + system) / 1e6, ...outcome })}\n`);
