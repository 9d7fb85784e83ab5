/** Long work: progress as records, and a deadline, on a file that takes a while to read. */
import { expect } from 'chai';
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../support/cli.js';
import { tempDir } from '../support/fixtures.js';

/** A sparse .fsm: nothing on the disk, gigabytes to read. */
function longFile(bytes: number): string {
  const path = join(tempDir('long'), '0000000000000028.fsm');
  const fd = openSync(path, 'wx');
  ftruncateSync(fd, bytes);
  closeSync(fd);
  return path;
}

interface ProgressLine {
  readonly type: string;
  readonly phase: string;
  readonly bytes: string;
  readonly total: string | null;
  readonly done: boolean;
}

describe('long work', () => {
  it('--timeout ends it with status 124, in text and in JSON', () => {
    const path = longFile(64 * 2 ** 30);
    const text = runCli(['verify-crc', path, '--timeout', '0.5']);
    expect(text.code).to.equal(124);
    expect(text.stderr).to.include('timed out after 0.5 s');
    expect(text.stdout).to.equal('');
    const json = runCli(['verify-crc', path, '--timeout', '0.5', '--json']);
    expect(json.code).to.equal(124);
    const document = JSON.parse(json.stdout) as { error: { code: string }; result: unknown };
    expect(document.error.code).to.equal('tool-timed-out');
    expect(document.result).to.equal(null);
  });

  it('--progress json: one record a line on standard error, standard output as ever', () => {
    const size = 256 * 2 ** 20;
    const path = longFile(size);
    const plain = runCli(['verify-crc', path, '--json']);
    const run = runCli(['verify-crc', path, '--json', '--progress', 'json']);
    expect(run.stdout).to.equal(plain.stdout);
    expect(run.code).to.equal(plain.code);
    const lines = run.stderr.trimEnd().split('\n');
    const records = lines.map((line) => JSON.parse(line) as ProgressLine);
    for (const record of records) expect(record.type).to.equal('progress');
    expect(records[0]).to.include({ bytes: '0', total: String(size), done: false });
    expect(records.at(-1)!.done).to.equal(true);
    expect(Number(records.at(-1)!.bytes)).to.be.at.least(size * 0.99);
  });

  it('a deadline leaves the last record unfinished', () => {
    const path = longFile(64 * 2 ** 30);
    const run = runCli(['verify-crc', path, '--progress', 'json', '--timeout', '1.5']);
    expect(run.code).to.equal(124);
    const records = run.stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as ProgressLine);
    expect(records.length).to.be.above(1);
    expect(records.at(-1)!.done).to.equal(false);
    expect(run.stderr.trimEnd().split('\n').at(-1)).to.include('timed out');
  });
});
