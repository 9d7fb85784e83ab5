/** The thread a format is fuzzed in; `fuzz.ts` watches it. */
import { parentPort, workerData } from 'node:worker_threads';
import { formatNamed } from './formats/all.js';
import { gaugeBuffers, inputOf, judgeInput } from './judge.js';

export interface Job {
  readonly name: string;
  readonly seed: number;
  readonly first: number;
  readonly runs: number;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export interface Report {
  readonly runs: number;
  readonly rssMb: number;
  readonly outcomes: readonly (readonly [string, number])[];
  readonly crashers: readonly { readonly ordinal: number; readonly crash: string }[];
}

const BATCH = 2000;
const STACK_FRAMES = 4;
/** Crashers of one kind come by the thousand; these are enough to see all kinds. */
const MOST_CRASHERS = 50;

async function work(job: Job & { readonly at: Int32Array }): Promise<void> {
  const format = await formatNamed(job.name);
  if (format === undefined) throw new Error(`there is no format ${job.name}`);
  inputOf(format, 0, 0);
  const gauge = gaugeBuffers();
  // Most cases end in an error, and to gather its stack costs more than the decoding.
  Error.stackTraceLimit = STACK_FRAMES;
  let outcomes = new Map<string, number>();
  let crashers: { ordinal: number; crash: string }[] = [];
  let runs = 0;
  const report = (): void => {
    const rssMb = Math.round(process.memoryUsage.rss() / (1 << 20));
    const message: Report = { runs, rssMb, outcomes: [...outcomes], crashers };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
    parentPort?.postMessage(message);
    outcomes = new Map();
    crashers = [];
    runs = 0;
  };
  for (let i = 0; i < job.runs; i++) {
    Atomics.store(job.at, 0, i + 1);
    const ordinal = job.first + i;
    const { allowed, crash } = await judgeInput(format, inputOf(format, job.seed, ordinal), gauge);
    runs++;
    const word = allowed ?? 'crasher';
    outcomes.set(word, (outcomes.get(word) ?? 0) + 1);
    if (allowed === undefined && crashers.length < MOST_CRASHERS) crashers.push({ ordinal, crash });
    if (runs % BATCH === 0) report();
    if (i % 64 === 0 && Date.now() > job.deadline) break;
  }
  report();
}

await work(workerData as Job & { readonly at: Int32Array });
