/**
 * The fuzzer as a program:
 *
 *     npm run fuzz -- <format>… [--seed N] [--runs M] [--from I] [--case I] [--minutes T]
 *         [--save DIR]
 *
 * `all` stands for every format, no argument lists them. Cases depend on seed and number alone:
 * `--case I` runs one of them again, `--from I` goes on where an earlier run stopped. Each format runs
 * in a thread of its own, which is watched: a case that neither ends in a value nor in a named error,
 * takes above 2 s or asks for more than 512 MB is a crasher and is written to --save. The exit status
 * is 1 where there was one.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { FORMATS, formatNamed } from './formats/all.js';
import { inputOf, MAX_CASE_MS, signatureOf } from './judge.js';
import type { Job, Report } from './worker.js';

/** A thread that has not moved on for so long hangs. */
const HANG_MS = 5 * MAX_CASE_MS;
const WATCH_MS = 500;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '10000' },
    from: { type: 'string', default: '0' },
    case: { type: 'string' },
    minutes: { type: 'string', default: '1000000' },
    save: { type: 'string', default: 'crashers' },
  },
});

interface Crasher {
  readonly ordinal: number;
  readonly crash: string;
}

interface Result {
  readonly runs: number;
  readonly seconds: number;
  readonly outcomes: ReadonlyMap<string, number>;
  readonly crashers: Crasher[];
  readonly peakRssMb: number;
}

/** Runs a thread until it is done or hangs. @returns the number of the case it hangs in */
function runThread(job: Job, take: (report: Report) => void): Promise<number | undefined> {
  const at = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: { ...job, at },
  });
  return new Promise((resolve, reject) => {
    let seen = -1;
    let since = Date.now();
    const watch = setInterval(() => {
      const now = Atomics.load(at, 0);
      if (now !== seen || now === 0) {
        seen = now;
        since = Date.now();
      } else if (Date.now() - since > HANG_MS) {
        clearInterval(watch);
        void worker.terminate().then(() => resolve(job.first + now - 1));
      }
    }, WATCH_MS);
    worker.on('message', take);
    worker.on('error', (error) => {
      clearInterval(watch);
      reject(error);
    });
    worker.on('exit', () => {
      clearInterval(watch);
      resolve(undefined);
    });
  });
}

async function fuzz(name: string, seed: number, first: number, runs: number): Promise<Result> {
  const outcomes = new Map<string, number>();
  const crashers: Crasher[] = [];
  const signatures = new Set<string>();
  let done = 0;
  let peakRssMb = 0;
  const began = performance.now();
  const deadline = Date.now() + Number(values.minutes) * 60_000;
  let next = first;
  while (next < first + runs && Date.now() < deadline) {
    const job: Job = { name, seed, first: next, runs: first + runs - next, deadline };
    const hung = await runThread(job, (report) => {
      done += report.runs;
      peakRssMb = Math.max(peakRssMb, report.rssMb);
      for (const [word, count] of report.outcomes) {
        outcomes.set(word, (outcomes.get(word) ?? 0) + count);
      }
      for (const crasher of report.crashers) {
        const signature = signatureOf(crasher.crash);
        if (signatures.has(signature)) continue;
        signatures.add(signature);
        crashers.push(crasher);
      }
    });
    if (hung === undefined) break;
    crashers.push({ ordinal: hung, crash: `hangs: no end after ${HANG_MS} ms` });
    next = hung + 1;
  }
  return { runs: done, seconds: (performance.now() - began) / 1000, outcomes, crashers, peakRssMb };
}

async function save(name: string, seed: number, crashers: readonly Crasher[]): Promise<void> {
  const format = await formatNamed(name);
  if (!format || crashers.length === 0) return;
  mkdirSync(values.save, { recursive: true });
  for (const { ordinal, crash } of crashers) {
    const path = join(values.save, `${name}--seed-${seed}-case-${ordinal}.bin`);
    writeFileSync(path, format.pack(inputOf(format, seed, ordinal)));
    process.stdout.write(`  crasher: --seed ${seed} --case ${ordinal} → ${path}\n`);
    process.stdout.write(
      crash
        .split('\n')
        .slice(0, 6)
        .map((line) => `    ${line}\n`)
        .join(''),
    );
  }
}

async function main(): Promise<void> {
  if (positionals.length === 0) {
    process.stdout.write(`${FORMATS.map(({ name }) => name).join('\n')}\n`);
    return;
  }
  const names = positionals.includes('all') ? FORMATS.map(({ name }) => name) : positionals;
  const seed = Number(values.seed);
  const first = Number(values.case ?? values.from);
  const runs = values.case === undefined ? Number(values.runs) : 1;
  for (const name of names) {
    if (!FORMATS.some((format) => format.name === name)) {
      process.stderr.write(`fuzz: there is no format ${name}\n`);
      process.exitCode = 1;
      return;
    }
    const result = await fuzz(name, seed, first, runs);
    const rate = Math.round(result.runs / result.seconds);
    const counts = [...result.outcomes].sort(([, a], [, b]) => b - a);
    const shown = counts
      .slice(0, 6)
      .map(([word, count]) => `${word} ${count}`)
      .join(', ');
    process.stdout.write(
      `${name}: seed ${seed}, ${result.runs} runs, ${result.seconds.toFixed(1)} s, ${rate}/s, ` +
        `rss ${result.peakRssMb} MB, ${counts.length} outcomes (${shown}), ` +
        `${result.crashers.length} crashers\n`,
    );
    await save(name, seed, result.crashers);
    if (result.crashers.length > 0) process.exitCode = 1;
  }
}

await main();
