/**
 * One piece of library work in a process of its own, timed from inside:
 *
 *     node task.js TASK PATH …
 *
 * Prints what the anchors print: {"seconds", "cpu", "bytes", "items", "result"}. Runs bundled, as the
 * program does.
 */
import { NO_PACE } from '../build/src/lib/core/pace.js';
import { FileSource, FsDir } from '../build/src/lib/io/file-source.js';

async function crc(path, threads) {
  const { crcOfRange } = await import('../build/src/lib/io/file-crc.js');
  return async () => {
    const source = new FileSource(path);
    const sum = await crcOfRange(source, 0, source.size, 0, NO_PACE, { threads });
    return { bytes: source.size, result: sum.toString(16).padStart(8, '0') };
  };
}

async function openedDb(path) {
  const { openPebble } = await import('../build/src/lib/pebble/db/pebble-db.js');
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
    const { storeDigest } = await import('../build/src/lib/kv/store-digest.js');
    return async () => {
      const { keys, sha256 } = await storeDigest(open(), NO_PACE);
      return { items: keys, result: sha256 };
    };
  },

  /** As a boot does: what the scan has kept of the log is not read again. */
  async wal(path) {
    const { listWal } = await import('../build/src/lib/raft/wal/segment-name.js');
    const { withSegments } = await import('../build/src/lib/raft/wal/open-segments.js');
    const { scanSnapshots } = await import('../build/src/lib/raft/wal/snapshot-scan.js');
    const { ScanLedger } = await import('../build/src/lib/raft/wal/scan-ledger.js');
    const { readAll } = await import('../build/src/lib/raft/wal/read-all.js');
    const { PROTO_36 } = await import('../build/src/lib/proto/dialect.js');
    return () => {
      const dir = new FsDir(path);
      const { segments } = listWal(dir);
      return withSegments(dir, segments, (open) => {
        const ledger = new ScanLedger(open);
        const scan = scanSnapshots(open, PROTO_36, {}, [ledger]);
        const last = scan.valid.at(-1) ?? { index: 0n, term: 0n };
        const content = ledger.content(scan, last, open.length) ?? readAll(open, last, PROTO_36);
        return { items: content.entries.length, result: `commit ${content.hardState.commit}` };
      });
    };
  },

  /** A whole prediction; `name` is a generation. */
  async boot(path, name, digest) {
    const { predictBoot } = await import('../build/src/lib/engine/boot.js');
    const { GENERATIONS } = await import('../build/src/lib/engine/generation.js');
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

async function main([name, ...args]) {
  const work = await TASKS[name](...args);
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const outcome = await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpu = (user + system) / 1e6;
  process.stdout.write(`${JSON.stringify({ seconds, cpu, ...outcome })}\n`);
}

void main(process.argv.slice(2));
