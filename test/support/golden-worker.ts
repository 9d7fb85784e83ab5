/**
 * Runs command lines one after another in one process, each as `main` would run it alone: the same
 * streams, exit status and directory, without the start of Node for each. Talks over IPC.
 */
import { main } from '../../src/run.js';
import { openSession } from '../../src/shell/session.js';

export interface Task {
  readonly id: number;
  readonly root: string;
  readonly cwd: string;
  readonly argv: readonly string[];
}

export interface TaskAnswer {
  readonly id: number;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const EVENTS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection'] as const;

type Write = typeof process.stdout.write;

function captureInto(parts: string[]): Write {
  const write = (chunk: Uint8Array | string, ...rest: unknown[]): boolean => {
    parts.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    const done = rest.find((arg) => typeof arg === 'function') as (() => void) | undefined;
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  return write as Write;
}

async function run({ id, root, cwd, argv }: Task): Promise<TaskAnswer> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const real = { out: process.stdout.write, err: process.stderr.write, exit: process.exit };
  const env = { ...process.env };
  let code: number | undefined;
  process.chdir(cwd);
  process.exitCode = undefined;
  process.stdout.write = captureInto(stdout);
  process.stderr.write = captureInto(stderr);
  process.exit = ((status?: number) => {
    code ??= status ?? Number(process.exitCode ?? 0);
  }) as typeof process.exit;
  try {
    await main(root, [...argv]);
  } finally {
    process.stdout.write = real.out;
    process.stderr.write = real.err;
    process.exit = real.exit;
    process.exitCode = undefined;
    for (const event of EVENTS) process.removeAllListeners(event);
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
    Object.assign(process.env, env);
    openSession([]);
  }
  return { id, code: code ?? 0, stdout: stdout.join(''), stderr: stderr.join('') };
}

let queue: Promise<void> = Promise.resolve();
process.on('message', (task: Task) => {
  queue = queue.then(async () => {
    process.send?.(await run(task));
  });
});
process.on('disconnect', () => process.exit(0));
