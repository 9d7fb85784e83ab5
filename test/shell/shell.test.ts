import { expect } from 'chai';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { IoError } from '../../src/lib/core/errors.js';
import { nearest } from '../../src/shell/nearest.js';
import { OutStream, PipeClosed } from '../../src/shell/out-stream.js';
import { Progress } from '../../src/shell/progress.js';
import {
  canRedraw,
  canShowBlocks,
  colourWanted,
  earlyFlags,
  reportWidth,
} from '../../src/shell/terminal.js';

describe('colourWanted', () => {
  const table: readonly [
    wanted: boolean,
    isTTY: boolean,
    flag: boolean | undefined,
    env: Record<string, string>,
  ][] = [
    [true, true, undefined, {}],
    [false, false, undefined, {}],
    [false, true, undefined, { NO_COLOR: '1' }],
    [true, true, undefined, { NO_COLOR: '' }],
    [false, true, undefined, { TERM: 'dumb' }],
    [true, false, undefined, { FORCE_COLOR: '1' }],
    [true, false, undefined, { FORCE_COLOR: '' }],
    [false, true, undefined, { FORCE_COLOR: '0' }],
    [false, true, undefined, { FORCE_COLOR: '1', NO_COLOR: '1' }],
    [true, false, true, { NO_COLOR: '1', TERM: 'dumb' }],
    [false, true, false, { FORCE_COLOR: '1' }],
  ];
  for (const [wanted, isTTY, flag, env] of table) {
    it(`${isTTY ? 'terminal' : 'pipe'}, flag ${flag}, ${JSON.stringify(env)}: ${wanted}`, () => {
      expect(colourWanted({ isTTY, flag, env })).to.equal(wanted);
    });
  }
});

describe('canRedraw', () => {
  it('needs a terminal with a width that is not dumb', () => {
    expect(canRedraw({ isTTY: true, columns: 80 }, { TERM: 'xterm' })).to.equal(true);
    expect(canRedraw({ isTTY: true, columns: 0 }, {})).to.equal(false);
    expect(canRedraw({ isTTY: true }, {})).to.equal(false);
    expect(canRedraw({ columns: 80 }, {})).to.equal(false);
    expect(canRedraw({ isTTY: true, columns: 80 }, { TERM: 'dumb' })).to.equal(false);
  });
});

describe('reportWidth', () => {
  it('is 100, or less on a narrow terminal', () => {
    expect(reportWidth({})).to.equal(100);
    expect(reportWidth({ columns: 60 })).to.equal(100);
    expect(reportWidth({ isTTY: true, columns: 60 })).to.equal(60);
    expect(reportWidth({ isTTY: true, columns: 240 })).to.equal(100);
    expect(reportWidth({ isTTY: true, columns: 0 })).to.equal(100);
    expect(reportWidth({ isTTY: true, columns: 3 })).to.equal(40);
  });
});

describe('canShowBlocks', () => {
  const blocks = (env: Record<string, string>, isTTY = true, on: NodeJS.Platform = 'linux') =>
    canShowBlocks({ isTTY }, env, on);

  it('needs a terminal in a UTF-8 locale', () => {
    expect(blocks({ LANG: 'de_DE.UTF-8' })).to.equal(true);
    expect(blocks({ LC_ALL: 'C.utf8', LANG: 'C' })).to.equal(true);
    expect(blocks({ LC_ALL: 'C', LANG: 'de_DE.UTF-8' })).to.equal(false);
    expect(blocks({})).to.equal(false);
    expect(blocks({}, true, 'win32')).to.equal(true);
  });

  it('a pipe and a dumb terminal get ASCII', () => {
    expect(blocks({ LANG: 'C.UTF-8' }, false)).to.equal(false);
    expect(blocks({ LANG: 'C.UTF-8', TERM: 'dumb' })).to.equal(false);
    expect(blocks({ LANG: 'C.UTF-8', TERM: 'linux' })).to.equal(false);
  });
});

describe('earlyFlags', () => {
  const table: readonly [line: string, mode: string, colour: boolean | undefined][] = [
    ['x', 'text', undefined],
    ['x --json --no-color', 'json', false],
    ['x --color --no-color --color', 'text', true],
    ['x -- --json --no-color', 'text', undefined],
    ['x --format ndjson', 'ndjson', undefined],
    ['x --format=ndjson --json', 'ndjson', undefined],
    ['x --format text --json', 'json', undefined],
    ['x --format', 'text', undefined],
  ];
  for (const [line, mode, colour] of table) {
    it(`${line} → ${mode}`, () => {
      expect(earlyFlags(line.split(' '))).to.deep.equal({ mode, colour });
    });
  }
});

describe('nearest', () => {
  const known = ['inspect', 'verify-crc', 'replay-wal', 'cold-start-dryrun'];

  it('finds typing mistakes and keeps quiet otherwise', () => {
    expect(nearest('inspcet', known)).to.equal('inspect');
    expect(nearest('coldstart-dryrun', known)).to.equal('cold-start-dryrun');
    expect(nearest('verify', known)).to.equal(undefined);
    expect(nearest('', known)).to.equal(undefined);
    expect(nearest('i'.repeat(100_000), known)).to.equal(undefined);
  });
});

function failing(code: string): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })),
  });
}

describe('OutStream', () => {
  it('holds text back until it is worth a write, then waits for the reader', async () => {
    const taken: number[] = [];
    let release: () => void = () => undefined;
    const slow = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        taken.push(chunk.length);
        release = done;
      },
    });
    const out = new OutStream(slow);
    expect(out.write('a')).to.equal(undefined);
    expect(taken).to.deep.equal([]);
    let ended = false;
    const writing = Promise.resolve(out.write('b'.repeat(1 << 16))).then(() => {
      ended = true;
    });
    await sleep(20);
    expect(taken).to.deep.equal([(1 << 16) + 1]);
    expect(ended, 'before the reader took it').to.equal(false);
    release();
    await writing;
    expect(ended).to.equal(true);
  });

  it('a closed pipe ends the writing quietly', async () => {
    const out = new OutStream(failing('EPIPE'));
    out.write('x');
    let caught: unknown;
    await out.flush().catch((error: unknown) => (caught = error));
    expect(caught).to.be.instanceOf(PipeClosed);
    expect(out.closed).to.equal(true);
    expect(() => out.write('y')).to.throw(PipeClosed);
  });

  it('a full disk is an error of the environment', async () => {
    const out = new OutStream(failing('ENOSPC'));
    let caught: unknown;
    await out.writeAll('x'.repeat(200_000)).catch((error: unknown) => (caught = error));
    expect(caught).to.be.instanceOf(IoError);
    expect(out.closed).to.equal(false);
  });
});

function setUp(visible: boolean): {
  progress: Progress;
  texts: string[];
  tick(ms: number): void;
} {
  let now = 0;
  const texts: string[] = [];
  const spinner = {
    get text(): string {
      return texts.at(-1) ?? '';
    },
    set text(value: string) {
      texts.push(value);
    },
    stop: (): void => {
      texts.push('stopped');
    },
  };
  const progress = new Progress({
    visible,
    check: () => undefined,
    clock: () => now,
    openSpinner: async (text) => {
      texts.push(text);
      return spinner;
    },
  });
  return { progress, texts, tick: (ms) => (now += ms) };
}

describe('Progress', () => {
  it('takes a turn every 50 ms, not at every step', async () => {
    const { progress, tick } = setUp(false);
    expect(progress.step(1)).to.equal(undefined);
    tick(49);
    expect(progress.step(1)).to.equal(undefined);
    tick(1);
    const turn = progress.step(1);
    expect(turn).to.be.instanceOf(Promise);
    await turn;
    expect(progress.step(1)).to.equal(undefined);
  });

  it('shows nothing for 300 ms, then how far it is, and goes when the report begins', async () => {
    const { progress, texts, tick } = setUp(true);
    progress.phase('reading', 4096);
    tick(100);
    await progress.step(1024);
    expect(texts).to.deep.equal([]);
    tick(400);
    await progress.step(1024);
    tick(500);
    await progress.step(1024);
    expect(texts).to.deep.equal([
      'reading: 2.0 KiB of 4.0 KiB, 50 %, 4.0 KiB/s',
      'reading: 3.0 KiB of 4.0 KiB, 75 %, 3.0 KiB/s, 1.0 s left',
    ]);
    progress.silence();
    tick(500);
    await progress.step(1);
    expect(texts.at(-1)).to.equal('stopped');
  });

  it('as records: when a phase begins, every half second, when it has ended', async () => {
    const { progress, texts, tick } = setUp(true);
    const records: object[] = [];
    progress.recordTo((record) => records.push(record));
    progress.phase('reading', 4096);
    tick(100);
    await progress.step(1024);
    tick(400);
    await progress.step(1024);
    tick(100);
    progress.phase('judging');
    tick(100);
    progress.silence();
    progress.silence();
    const reading = { type: 'progress', phase: 'reading', total: '4096' };
    const judging = { type: 'progress', phase: 'judging', total: null, bytes: '0' };
    const unknown = { bytesPerSecond: null, secondsLeft: null };
    expect(records).to.deep.equal([
      { ...reading, bytes: '0', ...unknown, done: false },
      { ...reading, bytes: '2048', bytesPerSecond: '4096', secondsLeft: 1, done: false },
      { ...reading, bytes: '2048', bytesPerSecond: '3413', secondsLeft: 0, done: true },
      { ...judging, ...unknown, done: false },
      { ...judging, bytesPerSecond: null, secondsLeft: 0, done: true },
    ]);
    expect(texts).to.deep.equal([]);
  });

  it('a phase that failed has not ended', () => {
    const { progress } = setUp(true);
    const records: { done?: boolean }[] = [];
    progress.recordTo((record) => records.push(record));
    progress.phase('reading', 4096);
    progress.silence(true);
    expect(records.map(({ done }) => done)).to.deep.equal([false]);
  });

  it('is never visible where it must not be', async () => {
    const { progress, texts, tick } = setUp(false);
    tick(1000);
    await progress.step(1);
    expect(texts).to.deep.equal([]);
  });
});
