/** The jobs of the speed contract, each against its anchor, with what was promised. */
import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fullFsm, node, ROOT, sparseFsm, sparseWal } from './prepare.mjs';
import { exponent, interleaved, median, ratios, run } from './measure.mjs';

const NODE = process.execPath;
/** `EKV` names another command line to measure: that of the packed artefact. */
const EKV = process.env.EKV?.split(' ') ?? [NODE, join(ROOT, 'bin', 'run.js')];
/** Statuses of a sound run over these nodes: 3 is "sound, but look". */
const SOUND = [0, 3];
const PEERS = ['--raft-id', 'n1', '--peers', 'n1=n1:1,n2=n2:1,n3=n3:1', '--no-guards'];
const BUILDS = { 'committed-tail': '58db40cd', 'snapshot-pointer': 'd9a031d0' };

export const KEYS = 1_000_000;

/** @param script  what bundleTask has made */
export const taskRunner =
  (script) =>
  (...args) =>
    run([NODE, script, ...args.map(String)]);
const ekv = (args, options) => run([...EKV, ...args], { okay: SOUND, ...options });
const seconds = (n) => (n < 0.1 ? `${(n * 1000).toFixed(0)} ms` : `${n.toFixed(2)} s`);
const times = (n) => `${n.toFixed(2)} ×`;
const within = ({ median: m, min, max }) => `${times(m)} (${min.toFixed(2)}–${max.toFixed(2)})`;
const of = (list, pick) => median(list.map(pick));
const peak = (list) => Math.max(...list.map(({ mb }) => mb));

/** A task against an anchor, both timed from inside. */
function against(rounds, ours, anchor, name, target, limit) {
  const [a, b] = interleaved(rounds, ours, anchor);
  const results = new Set([...a, ...b].map(({ said }) => said.result));
  if (results.size !== 1) throw new Error(`${name}: results differ: ${[...results].join(', ')}`);
  const wall = ratios(
    a.map(({ said }) => said.seconds),
    b.map(({ said }) => said.seconds),
  );
  const cpu = of(a, (each) => each.said.cpu) / of(b, (each) => each.cpu);
  return { name, a, b, wall, cpu, target, met: limit(wall.median, a) };
}

function row({ name, a, b, wall, cpu, target, met }) {
  const ours = `${seconds(of(a, ({ said }) => said.seconds))}, ${peak(a).toFixed(0)} MB`;
  const theirs = `${seconds(of(b, ({ said }) => said.seconds))}, ${peak(b).toFixed(0)} MB`;
  return [name, ours, theirs, `${within(wall)}; CPU ${times(cpu)}`, target, met];
}

export async function verify({ task, work, go, rounds }) {
  const path = await fullFsm(work, 2);
  const anchor = () => run([join(go, 'crcfile'), path]);
  const speed = (threads) => (ratio) => 1 / ratio >= (threads === 1 ? 0.9 : 1.7);
  return [1, 2].map((threads) => {
    const name = `CRC of a 2 GiB .fsm, ${threads} thread${threads > 1 ? 's' : ''}`;
    const target = `speed ≥ ${threads === 1 ? '0.9' : '1.7'} ×`;
    const result = against(
      rounds,
      () => task(`crc-${threads}`, path),
      anchor,
      name,
      target,
      speed(threads),
    );
    const [, ours, theirs, , , met] = row(result);
    const { median: m, min, max } = result.wall;
    const shown = `speed ${within({ median: 1 / m, min: 1 / max, max: 1 / min })}`;
    const rate = 2 ** 31 / 1e9 / of(result.a, ({ said }) => said.seconds);
    return [name, `${ours} (${rate.toFixed(1)} GB/s)`, theirs, shown, target, met];
  });
}

export function wal({ task, work, go, rounds }) {
  const path = join(node(work, KEYS, 'end'), 'wal');
  const ok = (ratio, ours) => ratio <= 1 && peak(ours) <= 120;
  const anchor = () => run([join(go, 'walread'), path]);
  const name = 'read the WAL: snapshot scan and ReadAll, 100,000 entries';
  return [row(against(rounds, () => task('wal', path), anchor, name, '≤ 1.0 ×, ≤ 120 MB', ok))];
}

export function scans({ task, work, go, rounds }) {
  const path = join(node(work, KEYS, 'end'), 'fsm.db');
  const scan = (...flags) => run([join(go, 'pebblescan'), ...flags, path]);
  const plain = 'scan fsm.db, 1,360,006 keys';
  return [
    row(
      against(
        rounds,
        () => task('scan', path),
        () => scan(),
        plain,
        '≤ 1.5 ×',
        (r) => r <= 1.5,
      ),
    ),
    row(
      against(
        rounds,
        () => task('digest', path),
        () => scan('-digest'),
        `${plain}, with digest`,
        '≤ 1.0 ×',
        (r) => r <= 1,
      ),
    ),
  ];
}

/** A whole process against times that were taken of real nodes, which are not at hand here. */
function fixed(rounds, name, work, anchor, target, limit) {
  const [runs] = interleaved(rounds, work);
  const wall = of(runs, (each) => each.wall);
  const cpu = of(runs, (each) => each.cpu);
  const ours = `${seconds(wall)} wall, ${seconds(cpu)} CPU, ${peak(runs).toFixed(0)} MB`;
  return [name, ours, anchor, '', target, limit(wall, peak(runs))];
}

const dryRun = (dir, generation, ...more) =>
  ekv(['cold-start-dryrun', '--data-dir', dir, '--generation', generation, ...PEERS, ...more]);

export function boots({ work, rounds }) {
  const limit = (s, mb) => (wall, used) => wall <= s && used <= mb;
  const skip = {
    'committed-tail': ['0.94 s, 183 MB', '≤ 0.5 s, ≤ 200 MB', limit(0.5, 200)],
    'snapshot-pointer': ['1.7–2.6 s, 560 MB', '≤ 0.9 s, ≤ 200 MB', limit(0.9, 200)],
  };
  const restore = '26–30 s synced, 10 s unsynced, 580–765 MB';
  const rows = [];
  for (const [generation, build] of Object.entries(BUILDS)) {
    const [anchor, target, met] = skip[generation];
    const end = node(work, KEYS, 'end');
    const name = `dry run, skip (${build})`;
    rows.push(fixed(rounds, name, () => dryRun(end, generation), anchor, target, met));
  }
  for (const [generation, build] of Object.entries(BUILDS)) {
    const dir = node(work, KEYS, 'absent');
    const name = `dry run, restore and 100,000 entries (${build})`;
    rows.push(
      fixed(rounds, name, () => dryRun(dir, generation), restore, '≤ 3 s, ≤ 400 MB', limit(3, 400)),
      fixed(
        rounds,
        `${name}, store digest`,
        () => dryRun(dir, generation, '--store-digest'),
        '–',
        '≤ 6 s, ≤ 400 MB',
        limit(6, 400),
      ),
    );
  }
  return rows;
}

/** Entries of the two logs whose difference is the rate once a process has started. */
const ENTRIES = 100_000;
const MORE_ENTRIES = 1_000_000;

export function replay({ work, rounds }) {
  const few = node(work, KEYS, 'end');
  const many = node(work, 10_000, 'end', MORE_ENTRIES);
  const listing = (path, ...args) => {
    const out = openSync(path, 'w');
    try {
      return ekv(['replay-wal', '--format', 'ndjson', ...args], { out });
    } finally {
      closeSync(out);
    }
  };
  const rows = [];
  for (const [name, argsOf, target] of [
    ['replay-wal --format ndjson to a file', (dir) => ['--data-dir', dir, ...PEERS], 300_000],
    ['the same of the log alone', (dir) => [join(dir, 'wal')], null],
  ]) {
    const [short, long] = interleaved(
      rounds,
      ...[few, many].map((dir) => () => listing(join(work, 'replay.ndjson'), ...argsOf(dir))),
    );
    const rate = (entries, s) => Math.round(entries / s).toLocaleString('en');
    const wall = (each) => each.wall;
    const cpu = (each) => each.cpu;
    const more = MORE_ENTRIES - ENTRIES;
    const running = (pick) => of(long, pick) - of(short, pick);
    const ours = [
      `${rate(more, running(wall))} entries/s once it runs (${rate(more, running(cpu))} per CPU second)`,
      `process included ${rate(MORE_ENTRIES, of(long, wall))} of ${MORE_ENTRIES.toLocaleString('en')}` +
        ` and ${rate(ENTRIES, of(short, wall))} of ${ENTRIES.toLocaleString('en')}`,
      `${peak(short).toFixed(0)} and ${peak(long).toFixed(0)} MB`,
    ].join('; ');
    const wanted = target === null ? '' : `≥ ${target.toLocaleString('en')} entries/s`;
    rows.push([
      name,
      ours,
      '–',
      '',
      wanted,
      target === null ? null : more / running(wall) >= target,
    ]);
  }
  return rows;
}

export function startUp({ small, rounds }) {
  const bare = () => run([NODE, '-e', '0']);
  const jobs = [
    ['--version', ['--version'], 2.1],
    ['inspect of a 1 KiB file', ['inspect', small], 2.5],
  ];
  return jobs.map(([name, args, factor]) => {
    const [a, b] = interleaved(3 * rounds, () => ekv(args, { okay: [0, 2, 3, 5] }), bare);
    const wall = ratios(
      a.map((each) => each.wall),
      b.map((each) => each.wall),
    );
    const cpu = of(a, (each) => each.cpu) / of(b, (each) => each.cpu);
    const [ours, theirs] = [a, b].map((list) => seconds(of(list, (each) => each.wall)));
    const shown = `${within(wall)}; CPU ${times(cpu)}`;
    return [name, ours, `node -e 0: ${theirs}`, shown, `≤ ${factor} ×`, wall.median <= factor];
  });
}

export async function memory({ task, work }) {
  const rows = [];
  const flat = (name, small, large, limit, sizes) => {
    const ours = `${small.mb.toFixed(0)} MB at ${sizes[0]}, ${large.mb.toFixed(0)} MB at ${sizes[1]}`;
    rows.push([name, ours, '–', '', `≤ ${limit} MB, flat`, large.mb <= limit]);
  };
  // Its checksum is right and its body, being holes, no store: the verdict does not matter here.
  const crc = async (gib) => ekv(['verify-crc', await sparseFsm(work, gib)], { okay: [0, 2, 3] });
  flat('verify-crc of a sparse .fsm', await crc(1), await crc(10), 150, ['1 GiB', '10 GiB']);
  const read = async (segments) => task('wal', await sparseWal(work, segments));
  flat('read a WAL', await read(7), await read(69), 200, ['0.4 GiB', '4.2 GiB']);
  return rows;
}

/**
 * A new header for 1 GiB, durable, read back and hashed, against `cp` (neither durable nor read back)
 * and `cp` with a sync behind it.
 */
export async function upgrade({ work, rounds }) {
  const from = await fullFsm(work, 1);
  const [copy, out] = [join(work, 'copy.fsm'), join(work, 'upgraded')];
  const fresh = (job) => () => {
    rmSync(copy, { force: true });
    rmSync(out, { recursive: true, force: true });
    return job();
  };
  const flags = ['--fsm', from, '--output', out, '--index', '9', '--cutover', '1', '--yes'];
  const [ours, cp, durable] = interleaved(
    rounds,
    fresh(() => ekv(['upgrade-header', ...flags])),
    fresh(() => run(['cp', from, copy])),
    fresh(() => run(['sh', '-c', 'cp "$1" "$2" && sync "$2"', 'sh', from, copy])),
  );
  fresh(() => {})();
  return [
    ['cp', cp],
    ['cp and sync', durable],
  ].map(([name, anchor]) => {
    const wall = ratios(
      anchor.map((each) => each.wall),
      ours.map((each) => each.wall),
    );
    const mine = `${seconds(of(ours, (each) => each.wall))}, ${peak(ours).toFixed(0)} MB`;
    const theirs = `${name}: ${seconds(of(anchor, (each) => each.wall))}`;
    const met = wall.median >= 0.5 && peak(ours) <= 150;
    const cells = [mine, theirs, `speed ${within(wall)}`, 'speed ≥ 0.5 ×, ≤ 150 MB', met];
    return ['upgrade-header of a 1 GiB .fsm', ...cells];
  });
}

/** Three decades of size for every job, from inside the process: start-up would hide the slope. */
export function growth({ task, work, rounds }) {
  const sizes = [1000, 10_000, 100_000, KEYS];
  const jobs = {
    'read the WAL': (keys) => task('wal', join(node(work, keys, 'end'), 'wal')),
    'scan fsm.db': (keys) => task('scan', join(node(work, keys, 'end'), 'fsm.db')),
    'digest of fsm.db': (keys) => task('digest', join(node(work, keys, 'end'), 'fsm.db')),
  };
  for (const [generation, build] of Object.entries(BUILDS)) {
    jobs[`dry run, skip (${build})`] = (keys) => task('boot', node(work, keys, 'end'), generation);
    jobs[`dry run, restore (${build})`] = (keys) =>
      task('boot', node(work, keys, 'absent'), generation);
  }
  return Object.entries(jobs).map(([name, job]) => {
    const measured = (keys) => interleaved(Math.min(rounds, 3), () => job(keys))[0];
    const cpu = sizes.map((keys) => of(measured(keys), (each) => each.said.cpu));
    const slope = exponent(sizes.slice(1), cpu.slice(1));
    const shown = cpu.map((each) => `${(each * 1000).toFixed(0)}`).join(', ');
    return [name, shown, slope.toFixed(2), slope <= 1.05];
  });
}
