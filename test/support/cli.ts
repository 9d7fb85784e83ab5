/**
 * Runs the real command line in a process of its own: the compiled `src/run.ts` of this very build,
 * over a package.json in a temp dir that names the commands.
 */
import { fork, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT, tempDir } from './fixtures.js';
import type { Task, TaskAnswer } from './golden-worker.js';

/** Root of the compiled tree (`build/`), two levels above this compiled file's folder. */
const BUILT = resolve(import.meta.dirname, '..', '..');

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Compiled folder of commands; the program's own by default. */
  readonly commands?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
}

const roots = new Map<string, string>();

/** A package root whose commands are those of `commands`. */
function rootFor(commands: string): string {
  const known = roots.get(commands);
  if (known !== undefined) return known;
  const root = tempDir('cli');
  mkdirSync(join(root, 'build', 'src'), { recursive: true });
  symlinkSync(commands, join(root, 'build', 'src', 'commands'));
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  copyFileSync(join(ROOT, 'package.json'), join(root, 'package.json'));
  const run = JSON.stringify(join(BUILT, 'src', 'run.js'));
  writeFileSync(
    join(root, 'run.js'),
    `import { main } from ${run};\nawait main(${JSON.stringify(root)});\n`,
  );
  roots.set(commands, root);
  return root;
}

export const OWN_COMMANDS = join(BUILT, 'src', 'commands');
export const PROBE_COMMANDS = join(BUILT, 'test', 'base-command', 'probe-commands');

function environment(extra: CliOptions['env']): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: '/nonexistent/secret-home', ...extra };
}

/** The command line that runs the program, for tools that start it themselves. */
export function cliCommand(args: readonly string[], options: CliOptions = {}): string[] {
  const root = rootFor(options.commands ?? OWN_COMMANDS);
  return [process.execPath, join(root, 'run.js'), ...args];
}

/** The program as a script for `node`. */
export function programPath(): string {
  return join(rootFor(OWN_COMMANDS), 'run.js');
}

export function runCli(args: readonly string[], options: CliOptions = {}): CliResult {
  const root = rootFor(options.commands ?? OWN_COMMANDS);
  const run = spawnSync(process.execPath, [join(root, 'run.js'), ...args], {
    cwd: options.cwd ?? ROOT,
    env: environment(options.env),
    input: options.input ?? '',
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { code: run.status, signal: run.signal, stdout: run.stdout, stderr: run.stderr };
}

/** Standard output piped to the caller, who decides how fast it is read. */
export function startCli(args: readonly string[], options: CliOptions = {}): ChildProcess {
  const root = rootFor(options.commands ?? OWN_COMMANDS);
  return spawn(process.execPath, [join(root, 'run.js'), ...args], {
    cwd: options.cwd ?? ROOT,
    env: environment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs a shell command line in which `$EKV` is the program. */
export function runInShell(script: string, options: CliOptions = {}): CliResult {
  const root = rootFor(options.commands ?? OWN_COMMANDS);
  const run = spawnSync('/bin/sh', ['-c', script], {
    cwd: options.cwd ?? ROOT,
    env: { ...environment(options.env), EKV: `${process.execPath} ${join(root, 'run.js')}` },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { code: run.status, signal: run.signal, stdout: run.stdout, stderr: run.stderr };
}

/** The version that every document names. */
export function packageVersion(): string {
  const text = readFileSync(join(ROOT, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Command lines run by a few long-lived processes, two at a time: many cases in little time. */
export class CliPool {
  private readonly workers: ChildProcess[];
  private readonly waiting = new Map<number, (answer: TaskAnswer) => void>();
  private next = 0;

  constructor(env: CliOptions['env'] = {}, size = 2) {
    const path = join(import.meta.dirname, 'golden-worker.js');
    this.workers = Array.from({ length: size }, () =>
      fork(path, [], { env: environment(env), stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    );
    for (const worker of this.workers) {
      worker.on('message', (answer: TaskAnswer) => {
        this.waiting.get(answer.id)?.(answer);
        this.waiting.delete(answer.id);
      });
    }
  }

  async run(argv: readonly string[], cwd: string): Promise<CliResult> {
    const id = this.next++;
    const task: Task = { id, root: rootFor(OWN_COMMANDS), cwd, argv };
    const answer = new Promise<TaskAnswer>((resolve) => this.waiting.set(id, resolve));
    this.workers[id % this.workers.length]!.send(task);
    const { code, stdout, stderr } = await answer;
    return { code, signal: null, stdout, stderr };
  }

  close(): void {
    for (const worker of this.workers) worker.disconnect();
  }
}
