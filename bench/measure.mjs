/** Runs commands as whole processes, in turn, and says what they took. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const TIME = '/usr/bin/time';
const HAS_TIME = existsSync(TIME);
/** Last line of the standard error of a timed command. */
const FORMAT = '%U %S %M';
const MAX_OUTPUT_BYTES = 1 << 28;

/**
 * @param argv  command and arguments; no shell
 * @param options  `okay`: exit statuses that are no failure, `out`: a descriptor for its output
 * @returns wall and CPU seconds, peak memory in MB, and for tasks and anchors what they printed
 */
export function run(argv, { okay = [0], out = 'pipe' } = {}) {
  const timed = HAS_TIME ? [TIME, '-q', '-f', FORMAT, ...argv] : argv;
  const start = performance.now();
  const child = spawnSync(timed[0], timed.slice(1), {
    stdio: ['ignore', out, 'pipe'],
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  const wall = (performance.now() - start) / 1000;
  if (child.error) throw child.error;
  const complaints = child.stderr.toString().trimEnd().split('\n');
  if (!okay.includes(child.status)) {
    throw new Error(`${argv.join(' ')}: exit ${child.status}\n${complaints.join('\n')}`);
  }
  const [user = NaN, system = NaN, kib = NaN] = HAS_TIME
    ? complaints.at(-1).split(' ').map(Number)
    : [];
  const text = child.stdout?.toString() ?? '';
  return { wall, cpu: user + system, mb: (kib * 1024) / 1e6, said: parsed(text) };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Runs the commands in turn, A B A B …, after one round that does not count. */
export function interleaved(rounds, ...runs) {
  const results = runs.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    runs.forEach((one, i) => {
      const result = one();
      if (round > 0) results[i].push(result);
    });
  }
  return results;
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Ratio of two series pair by pair: runs next to each other saw the same machine. */
export function ratios(a, b) {
  const each = a.map((value, i) => value / b[i]).sort((x, y) => x - y);
  return { median: median(each), min: each[0], max: each.at(-1) };
}

/** Slope of a straight line through the logarithms of both. */
export function exponent(sizes, values) {
  const xs = sizes.map(Math.log);
  const ys = values.map(Math.log);
  const mean = (list) => list.reduce((sum, each) => sum + each, 0) / list.length;
  const [x0, y0] = [mean(xs), mean(ys)];
  const over = xs.reduce((sum, x, i) => sum + (x - x0) * (ys[i] - y0), 0);
  return over / xs.reduce((sum, x) => sum + (x - x0) ** 2, 0);
}
