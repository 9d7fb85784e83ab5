/** One case: made, run, and its outcome judged. */
import { ToolError } from '../../src/lib/core/errors.js';
import type { Format } from './format.js';
import { Random } from './random.js';

/** A case may take this long and ask for this much memory at once. */
export const MAX_CASE_MS = 2000;
export const MAX_CASE_BYTES = 512 << 20;
const ATTEMPTS = 3;

export interface Outcome {
  /** `value` or the format's own word, the code of a named error, undefined for a crasher. */
  readonly allowed: string | undefined;
  /** What a crasher did. */
  readonly crash: string;
}

export interface Gauge {
  /** Largest single buffer since the last reset. */
  largest: number;
  /** All buffers since the last reset, dropped ones included. */
  total: number;
}

/** Watches what the code under test asks for, in this thread only. Irrevocable. */
export function gaugeBuffers(): Gauge {
  const gauge: Gauge = { largest: 0, total: 0 };
  const Real = Uint8Array;
  globalThis.Uint8Array = new Proxy(Real, {
    construct(target, args: unknown[], newTarget) {
      const [length] = args;
      if (typeof length === 'number') {
        gauge.total += length;
        if (length > gauge.largest) gauge.largest = length;
      }
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
  return gauge;
}

function describeThrown(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : `thrown: ${String(error)}`;
}

/** Runs an input; never throws. A slow case is run again: the machine may have been busy. */
export async function judgeInput(format: Format, input: unknown, gauge?: Gauge): Promise<Outcome> {
  let slowest = Infinity;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { outcome, ms } = await runOnce(format, input, gauge);
    if (ms <= MAX_CASE_MS) return outcome;
    slowest = Math.min(slowest, ms);
  }
  return { allowed: undefined, crash: `took ${Math.round(slowest)} ms` };
}

async function runOnce(
  format: Format,
  input: unknown,
  gauge: Gauge | undefined,
): Promise<{ outcome: Outcome; ms: number }> {
  if (gauge) gauge.largest = gauge.total = 0;
  const began = performance.now();
  let allowed: string | undefined = 'value';
  let crash = '';
  try {
    const word = await format.run(input);
    if (typeof word === 'string') allowed = word;
  } catch (error) {
    allowed = error instanceof ToolError ? error.code : undefined;
    crash = allowed === undefined ? describeThrown(error) : '';
  }
  const ms = performance.now() - began;
  if (gauge && gauge.largest > MAX_CASE_BYTES) {
    return {
      outcome: { allowed: undefined, crash: `asked for ${gauge.largest} bytes at once` },
      ms,
    };
  }
  return { outcome: { allowed, crash }, ms };
}

export function inputOf(format: Format, seed: number, ordinal: number): unknown {
  return format.make(new Random(seed, ordinal));
}

/** What two crashers have in common: the message's shape and the place. */
export function signatureOf(crash: string): string {
  const lines = crash.split('\n').map((line) => line.trim());
  const place = lines.find((line) => line.startsWith('at ') && line.includes('/src/')) ?? '';
  return `${(lines[0] ?? '').replaceAll(/\d+/g, 'N')} ${place.replace(/^.*\/src\//, 'src/')}`;
}
