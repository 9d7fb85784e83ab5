/** `ekv replay-wal` as an operator runs it. */
import { copyFileSync, readFileSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { fixtureNames, readExpect, tempDir, unpackFixture } from '../../support/fixtures.js';
import { schemaFaults } from '../../support/schemas.js';
import { runCli, runInShell, type CliResult } from '../../support/cli.js';
import type { RecordedBoot, RecordedNode } from '../../support/recorded-boot.js';

const PEERS = 'n1=127.0.0.1:50051,n2=127.0.0.1:50052,n3=127.0.0.1:50053';
const NODE = ['--raft-id', 'n1', '--peers', PEERS, '--bootstrap', '--no-guards'];

interface Line {
  readonly type: string;
  readonly index: string;
  readonly disposition: string | null;
  readonly applied: boolean;
  readonly told: boolean;
  readonly payloadSha256: string;
  readonly ceilingMs: string | null;
  readonly tag: string | null;
  readonly requests: { commitTs: string | null; keyHex: string | null }[];
}

interface Summary {
  readonly type: 'summary';
  readonly exitCode: number;
  readonly entries: Readonly<Record<string, number>>;
  readonly inLog: number;
  readonly made: number;
  readonly matched: number;
  readonly shown: number;
  readonly findings: { code: string; next: string[] }[];
  readonly store?: unknown;
}

/** Every document and record that is printed is one that the schemas describe. */
function replay(...args: string[]): CliResult {
  const run = runCli(['replay-wal', ...args]);
  if (args.includes('--json')) {
    expect(schemaFaults('replay-wal', JSON.parse(run.stdout))).to.deep.equal([]);
  } else if (args.includes('ndjson')) {
    for (const line of run.stdout.trimEnd().split('\n')) {
      expect(schemaFaults('replay-wal.ndjson', JSON.parse(line)), line).to.deep.equal([]);
    }
  }
  return run;
}

function parsed({ stdout }: CliResult): { lines: Line[]; summary: Summary } {
  const records = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  const summary = records.pop() as Summary;
  return { lines: records as Line[], summary };
}

function toldOf({ applies }: RecordedBoot): string[] {
  return (applies ?? []).filter(({ told }) => told).map(({ index }) => index!);
}

/** Recorded nodes of three voters whose boot passes and applies several entries. */
function nodes(count: number): { name: string; dir: string; recorded: RecordedBoot }[] {
  const found: { name: string; dir: string; recorded: RecordedBoot }[] = [];
  for (const name of fixtureNames('nodes')) {
    if (found.length === count) break;
    const node = readExpect('nodes', name) as RecordedNode;
    const recorded = node.outcomes['committed-tail']!;
    const passes = (recorded.openError ?? recorded.halt ?? recorded.crash) === undefined;
    if (node.scenario.voters === 1 || !passes || toldOf(recorded).length < 5) continue;
    const dir = unpackFixture('nodes', name);
    if (readdirSync(dir).includes('kek.bin')) continue;
    found.push({ name, dir: join(dir, 'n1'), recorded });
  }
  return found;
}

describe('replay-wal: listing', () => {
  const [one, two] = nodes(2);

  it('NDJSON is one record a line, the summary last, applies as recorded', () => {
    for (const { dir, recorded } of [one!, two!]) {
      const run = replay('--data-dir', dir, ...NODE, '--format', 'ndjson');
      const { lines, summary } = parsed(run);
      expect(run.stderr).to.equal('');
      expect(summary.type).to.equal('summary');
      expect(summary.exitCode).to.equal(run.code);
      expect(lines.every(({ type }) => type === 'entry')).to.equal(true);
      const applied = lines.filter((line) => line.applied);
      expect(applied.map(({ payloadSha256 }) => payloadSha256)).to.deep.equal(
        recorded.applies!.map(({ payloadSha256 }) => payloadSha256),
      );
      expect(applied.map(({ ceilingMs }) => ceilingMs)).to.deep.equal(
        recorded.applies!.map(({ ceilingAfter }) => ceilingAfter),
      );
      const sum = Object.values(summary.entries).reduce((a, b) => a + b, 0);
      expect([sum, summary.inLog + summary.made, summary.shown]).to.deep.equal([
        lines.length,
        lines.length,
        lines.length,
      ]);
    }
  });

  it('JSON holds the same records as entryList', () => {
    const ndjson = parsed(replay('--data-dir', one!.dir, ...NODE, '--format', 'ndjson'));
    const run = replay('--data-dir', one!.dir, ...NODE, '--json');
    const document = JSON.parse(run.stdout) as { result: { entryList: Line[]; entries: object } };
    expect(document.result.entryList).to.deep.equal(ndjson.lines);
    expect(document.result.entries).to.deep.equal(ndjson.summary.entries);
  });

  it('text has a line for every entry, and the verdict', () => {
    const { lines } = parsed(replay('--data-dir', one!.dir, ...NODE, '--format', 'ndjson'));
    const run = replay('--data-dir', one!.dir, ...NODE);
    for (const { index, disposition } of lines) {
      const line = new RegExp(`^ *${index} .* ${disposition ?? '-'} `, 'm');
      expect(run.stdout).to.match(line);
    }
    expect(run.stdout).to.match(/^BOOTS-/m);
  });

  it('filters choose what is shown and leave the counts of the log alone', () => {
    const all = parsed(replay('--data-dir', one!.dir, ...NODE, '--format', 'ndjson'));
    const filtered = (...flags: string[]): ReturnType<typeof parsed> =>
      parsed(replay('--data-dir', one!.dir, ...NODE, '--format', 'ndjson', ...flags));
    const middle = all.lines[Math.floor(all.lines.length / 2)]!.index;
    const from = filtered('--from-index', middle);
    expect(from.lines).to.deep.equal(
      all.lines.filter(({ index }) => Number(index) >= Number(middle)),
    );
    expect(from.summary.entries).to.deep.equal(all.summary.entries);
    const range = filtered('--from-index', middle, '--to-index', middle);
    expect(range.lines.map(({ index }) => index)).to.deep.equal([middle]);
    const leases = filtered('--type', 'lease,confChange');
    expect(leases.lines).to.deep.equal(
      all.lines.filter((line) => line.tag === 'lease' || line.type === 'confChange'),
    );
    const limited = filtered('--limit', '3');
    expect(limited.lines).to.deep.equal(all.lines.slice(0, 3));
    expect(limited.summary).to.include({ shown: 3, matched: all.lines.length });
    const key = all.lines.flatMap(({ requests }) => requests).find(({ keyHex }) => keyHex)!.keyHex!;
    const keyed = filtered('--key-prefix', `hex:${key}`);
    expect(keyed.lines.length).to.be.within(1, all.lines.length - 1);
    const stamps = all.lines
      .flatMap(({ requests }) => requests.map(({ commitTs }) => commitTs))
      .filter((ts) => ts !== null);
    const stamp = stamps[Math.floor(stamps.length / 2)]!;
    const exact = filtered('--since', stamp, '--until', stamp);
    expect(exact.lines.length).to.be.at.least(1);
    for (const { requests } of exact.lines) {
      expect(requests.some(({ commitTs }) => commitTs === stamp)).to.equal(true);
    }
  });

  it('filters that nothing fits are told, and may be allowed', () => {
    const wal = join(one!.dir, 'wal');
    const nothing = ['--key-prefix', 'raw:no such key', '--format', 'ndjson'];
    const run = replay(wal, ...nothing);
    const { summary } = parsed(run);
    expect(run.code).to.equal(3);
    expect(summary.findings.map(({ code }) => code)).to.include('replay-no-match');
    expect(replay(wal, ...nothing, '--allow-empty').code).to.equal(0);
  });

  it('words that are none are refused by name', () => {
    expect(replay('--data-dir', one!.dir, '--type', 'leases').code).to.equal(1);
    expect(replay('--type', 'list').stdout).to.include('duplicate-dropped');
    expect(replay('--data-dir', one!.dir, '--since', 'yesterday').stderr).to.include('--since');
    expect(replay('--data-dir', one!.dir, '--from-index', '9', '--to-index', '8').code).to.equal(1);
    expect(replay().stderr).to.include('data dir');
    expect(replay('/nonexistent/wal').code).to.equal(1);
    expect(replay(join(one!.dir, 'wal'), '--store-digest').stderr).to.include('--store-digest');
  });

  it('--until-index with --store-digest gives the store as of then', () => {
    const indexes = toldOf(one!.recorded);
    const half = indexes[Math.floor(indexes.length / 2)]!;
    const run = replay(
      '--data-dir',
      one!.dir,
      ...NODE,
      '--until-index',
      half,
      '--store-digest',
      '--json',
    );
    const { result } = JSON.parse(run.stdout) as {
      result: { entryList: Line[]; store: { keys: number; sha256: string; meta: object } };
    };
    expect(result.entryList.at(-1)!.index).to.equal(half);
    expect(result.store.sha256).to.match(/^[0-9a-f]{64}$/);
    const whole = replay('--data-dir', one!.dir, ...NODE, '--store-digest', '--json');
    const { store } = (JSON.parse(whole.stdout) as { result: { store: { sha256: string } } })
      .result;
    expect(store.sha256).to.equal((one!.recorded.store as { sha256: string }).sha256);
    expect(result.store.sha256).not.to.equal(store.sha256);
    const early = replay('--data-dir', one!.dir, ...NODE, '--until-index', '1', '--json');
    expect(early.stdout).to.include('replay-until-below');
  });

  it('values are shown when asked for, cut at so many bytes', () => {
    const plain = replay('--data-dir', one!.dir, ...NODE).stdout;
    expect(plain).not.to.match(/^ +put "/m);
    const shown = replay('--data-dir', one!.dir, ...NODE, '--values', '4').stdout;
    expect(shown).to.match(/^ +put ".*" = "/m);
    expect(shown).to.match(/…\+\d+$/m);
  });

  it('--stats sums up and lists nothing', () => {
    const run = replay('--data-dir', one!.dir, ...NODE, '--stats');
    expect(run.stdout).to.match(/^payload +entries/m);
    expect(run.stdout).not.to.match(/^ +index term/m);
  });

  it('a reader that goes away ends it quietly', () => {
    const run = runInShell(`$EKV replay-wal ${join(one!.dir, 'wal')} | head -1`);
    expect(run.stdout).to.match(/entry records/);
    expect(run.stderr).to.equal('');
  });
});

describe('replay-wal: a log on its own', () => {
  const [one] = nodes(1);
  const wal = join(one!.dir, 'wal');
  const segment = readdirSync(wal).find((name) => name.endsWith('.wal'))!;

  it('a directory and its files read the same', () => {
    const dir = parsed(replay(wal, '--format', 'ndjson'));
    const files = parsed(replay(join(wal, segment), '--format', 'ndjson'));
    const bare = ({ lines }: typeof dir): object[] => lines.map((line) => ({ ...line, file: '' }));
    expect(bare(files)).to.deep.equal(bare(dir));
    expect(dir.lines.some(({ applied }) => applied)).to.equal(false);
    expect(dir.summary.findings.map(({ code }) => code)).to.include('replay-without-data-dir');
  });

  it('a torn copy shows the entries before the cut and says where it is', () => {
    const whole = parsed(replay(wal, '--format', 'ndjson'));
    const copy = join(tempDir('torn'), segment);
    copyFileSync(join(wal, segment), copy);
    const bytes = readFileSync(copy);
    let end = bytes.length;
    while (bytes[end - 1] === 0) end--;
    truncateSync(copy, end - 21);
    const run = replay(copy, '--format', 'ndjson');
    const { lines, summary } = parsed(run);
    expect(run.code).to.equal(3);
    expect(summary.findings.map(({ code }) => code)).to.include('wal-torn');
    expect(lines.length).to.be.within(whole.lines.length - 1, whole.lines.length);
  });

  it('sums of every kind are documents of the schema', () => {
    for (const flags of [['--stats'], ['--raw'], []]) {
      expect(replay(wal, ...flags, '--json').code).to.equal(0);
      expect(replay(wal, ...flags, '--format', 'ndjson').code).to.equal(0);
    }
    expect(replay('--type', 'list', '--json').code).to.equal(0);
    expect(replay('--type', 'list', '--format', 'ndjson').code).to.equal(0);
  });

  it('--raw accounts for every byte of every segment', () => {
    const run = replay('--raw', '--data-dir', one!.dir, '--format', 'ndjson');
    const records = run.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(records.at(-1)!.type).to.equal('summary');
    const of = (type: string): Record<string, string>[] =>
      records.filter((record) => record.type === type) as unknown as Record<string, string>[];
    const [last] = of('segment').slice(-1);
    const frames = [...of('frame'), ...of('gap')].filter(({ file }) => file === last!['file']);
    const bytes = frames.reduce((sum, { length }) => sum + Number(length), 0);
    expect(bytes).to.equal(Number(last!['size']));
    expect(run.code).to.equal(0);
    expect(replay('--raw', wal, '--type', 'lease').stderr).to.include('--raw');
    expect(replay('--raw', wal).stdout).to.match(/preallocated @\d+/);
  });
});
