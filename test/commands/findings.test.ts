/**
 * Findings that only a command makes: each situation is made on the disk, and the document must name
 * the code, the file, the exit status. All in two long-lived processes, so that none costs a start.
 */
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { MemorySource } from '../../src/lib/io/byte-source.js';
import { PROTO_37 } from '../../src/lib/proto/dialect.js';
import type { WalSegment } from '../../src/lib/raft/wal/decoder.js';
import { WalEncoder } from '../../src/lib/raft/wal/encoder.js';
import { CliPool } from '../support/cli.js';
import { tempDir } from '../support/fixtures.js';
import { madeLog } from '../lib/replay/made-log.js';
import { smallGroup } from '../lib/write/writers.js';

interface Finding {
  readonly code: string;
  readonly file?: string;
  readonly offset?: string;
  readonly message: string;
  readonly nodeError?: string;
}

interface Document {
  readonly verdict: string | null;
  readonly exitCode: number;
  readonly findings: readonly Finding[];
  readonly error?: { readonly code: string; readonly file?: string } | null;
}

const SEGMENT = '0000000000000000-0000000000000000.wal';

describe('findings that only commands make', function () {
  this.timeout(120_000);
  const pool = new CliPool();
  const dir = tempDir('findings');
  const group = smallGroup();

  after(() => pool.close());

  async function json(...args: string[]): Promise<Document> {
    const { stdout, code } = await pool.run([...args, '--json'], dir);
    const document = JSON.parse(stdout) as Document;
    expect(code, stdout).to.equal(document.exitCode);
    return document;
  }

  function only(document: Document, code: string): Finding {
    const found = document.findings.filter((each) => each.code === code);
    expect(found, JSON.stringify(document.findings)).to.have.length(1);
    return found[0]!;
  }

  /** A copy of the group that may be changed. */
  function copied(name: string): string {
    cpSync(group, join(dir, name), { recursive: true });
    return name;
  }

  it('an empty file whose name says what it should be, where nothing worse is said', async () => {
    writeFileSync(join(dir, SEGMENT), '');
    const segment = await json('inspect', SEGMENT);
    expect(only(segment, 'inspect-empty')).to.include({ file: SEGMENT, offset: '0' });
    expect(segment.exitCode).to.equal(3);
    writeFileSync(join(dir, '000001.sst'), '');
    const table = await json('inspect', '000001.sst');
    expect(table.findings.map(({ code }) => code)).to.deep.equal(['sst-too-small']);
    expect(table.exitCode).to.equal(2);
  });

  it('bytes that are not those the name promises', async () => {
    const snap = readdirSync(join(group, 'snap')).find((name) => name.endsWith('.snap'))!;
    copyFileSync(join(group, 'snap', snap), join(dir, 'misnamed.fsm'));
    const document = await json('inspect', 'misnamed.fsm');
    const finding = only(document, 'inspect-name-differs');
    expect(finding.file).to.equal('misnamed.fsm');
    expect(finding.message).to.equal('the name says fsm-file, the bytes are those of a snap-file');
  });

  it('what is nothing that a node writes', async () => {
    writeFileSync(join(dir, 'stranger'), 'three');
    mkdirSync(join(dir, 'nothing'));
    for (const path of ['stranger', 'nothing']) {
      const document = await json('inspect', path);
      expect(document.exitCode).to.equal(5);
      expect(document.error?.code).to.equal('inspect-unknown');
      expect(document.error?.file).to.equal(path);
    }
  });

  it('a segment of zeros: no record, and no checksum', async () => {
    mkdirSync(join(dir, 'zeros'));
    const path = `zeros/${SEGMENT}`;
    writeFileSync(join(dir, path), new Uint8Array(64_000));
    for (const command of ['inspect', 'verify-crc']) {
      const finding = only(await json(command, path), 'inspect-zeros');
      expect(finding, command).to.include({ file: path, offset: '0' });
    }
  });

  it('a FIFO among the files of a group: said, and never opened', async () => {
    for (const [command, path] of [
      ['inspect', 'fsm-snap/00000000000000ff.fsm'],
      ['verify-crc', 'fsm.db/pipe'],
    ] as const) {
      const name = copied(`fifo-${command}`);
      execFileSync('mkfifo', [join(dir, name, path)]);
      const document = await json(command, name);
      const finding = only(document, 'inspect-incomplete');
      expect(finding.file?.endsWith(path), `${command} ${finding.file}`).to.equal(true);
      expect(document.exitCode, command).to.equal(5);
    }
  });

  it('a snapshot without the .snap that vouches for it', async () => {
    const fsm = readdirSync(join(group, 'fsm-snap')).find((name) => name.endsWith('.fsm'))!;
    mkdirSync(join(dir, 'alone'));
    copyFileSync(join(group, 'fsm-snap', fsm), join(dir, 'alone', fsm));
    const document = await json('verify-crc', `alone/${fsm}`);
    expect(only(document, 'verify-no-token').file).to.equal(`alone/${fsm}`);
    expect(document.exitCode).to.equal(0);
  });

  it('a file without any checksum', async () => {
    copyFileSync(join(group, 'etcd-raft-peers.bin'), join(dir, 'etcd-raft-peers.bin'));
    const document = await json('verify-crc', 'etcd-raft-peers.bin');
    expect(only(document, 'verify-nothing-checked').message).to.contain('no checksum');
    expect(document.exitCode).to.equal(5);
  });

  it('links out of the data dir, and links to nothing', async () => {
    const name = copied('linked');
    const outside = tempDir('outside');
    symlinkSync(outside, join(dir, name, 'wal', 'away'));
    symlinkSync('nowhere', join(dir, name, 'gone'));
    const { findings } = await json('cold-start-dryrun', '--data-dir', name, '--raft-id', 'n1');
    const links = findings.filter(({ code }) => code === 'link-outside');
    expect(links.map(({ file }) => file)).to.deep.equal([`${name}/gone`, `${name}/wal/away`]);
    expect(links[0]?.message).to.contain('leads nowhere: "nowhere"');
    expect(links[1]?.message).to.contain(JSON.stringify(outside));
  });

  it('a result that nodes refuse as they refuse the original', async () => {
    const name = copied('refused');
    // The repair has nothing to do with the peers file, and the node refuses over it.
    writeFileSync(join(dir, name, 'etcd-raft-peers.bin'), 'EKVP, cut');
    const segment = readdirSync(join(dir, name, 'wal')).find((each) => each.endsWith('.wal'))!;
    const path = join(dir, name, 'wal', segment);
    const bytes = readFileSync(path);
    bytes[bytes.length - 20]! ^= 0x40;
    writeFileSync(path, bytes);
    const args = [
      '--data-dir',
      name,
      '--output',
      'fixed',
      '--cut',
      'last-valid',
      '--raft-id',
      'n1',
    ];
    const document = await json('repair-wal', ...args);
    const finding = only(document, 'prediction-refuses');
    expect(finding.message).to.match(/refuses to start from the result: .*; so does the original$/);
    expect(document.verdict).to.equal('plan');
  });

  /** A log of entries, and the state behind them, as `dir/wal` or as it is named. */
  function writeLog(name: string, segments: readonly WalSegment[]): void {
    mkdirSync(join(dir, name), { recursive: true });
    for (const { name: file, source } of segments) {
      writeFileSync(join(dir, name, file), (source as MemorySource).bytes);
    }
  }

  it('a term that falls, filters that nothing fits, a list that is cut', async () => {
    const fall = [
      { index: 1n, term: 2n },
      { index: 2n, term: 1n },
    ];
    writeLog('falls', madeLog(fall, 2n));
    expect(only(await json('replay-wal', 'falls'), 'term-falls').offset).to.match(/^\d+$/);
    const none = await json('replay-wal', 'falls', '--from-index', '77');
    expect(only(none, 'replay-no-match').message).to.include('none of the 2 entries');
    expect(none.exitCode).to.equal(3);
    const many = Array.from({ length: 10_003 }, (_, i) => ({ index: BigInt(i + 1) }));
    writeLog('many', madeLog(many, 10_003n));
    const cut = only(await json('replay-wal', 'many'), 'replay-list-cut');
    expect(cut.message).to.equal('the document lists 10000 entries, 3 more fit');
  });

  it('a raft id that looks for its files elsewhere', async () => {
    cpSync(group, join(dir, 'data', 'n1'), { recursive: true });
    const flags = ['--raft-id', 'n2', '--peers', 'n1=a:1,n2=b:1'];
    const document = await json('cold-start-dryrun', '--data-dir', 'data', ...flags);
    const { message } = only(document, 'raft-id-other-dir');
    expect(message).to.include('data/n2').and.include('data/n1');
  });

  it('a log that was begun and never written, beside snapshots', async () => {
    const name = copied('begun');
    rmSync(join(dir, name, 'wal'), { recursive: true });
    const bytes = Buffer.concat([new WalEncoder(PROTO_37).creation(), new Uint8Array(512)]);
    writeLog(`${name}/wal`, [{ name: SEGMENT, source: new MemorySource(SEGMENT, bytes) }]);
    const document = await json('cold-start-dryrun', '--data-dir', name, '--raft-id', 'n1');
    expect(only(document, 'interrupted-bootstrap').message).to.include('the log is empty while');
  });

  it('a torn record with committed entries and a state behind it', async () => {
    const encoder = new WalEncoder(PROTO_37);
    const data = new Uint8Array(2000).fill(7);
    const head = Buffer.concat([
      encoder.creation(),
      encoder.entry({ type: 0, term: 1n, index: 1n, data }),
      encoder.hardState({ term: 1n, vote: 1n, commit: 3n }),
    ]);
    const rest = Buffer.concat([
      encoder.entry({ type: 0, term: 1n, index: 2n, data }),
      encoder.entry({ type: 0, term: 1n, index: 3n, data }),
      encoder.hardState({ term: 1n, vote: 1n, commit: 3n }),
    ]);
    const bytes = Buffer.concat([head, rest, new Uint8Array(512)]);
    // A whole sector of the second entry that never reached the disk.
    const sector = Math.ceil(head.length / 512) * 512 + 512;
    bytes.fill(0, sector, sector + 512);
    const name = copied('torn');
    rmSync(join(dir, name), { recursive: true });
    writeLog(`${name}/wal`, [{ name: SEGMENT, source: new MemorySource(SEGMENT, bytes) }]);
    const looked = only(await json('inspect', `${name}/wal`), 'committed-entry-cut');
    expect(looked.message).to.include('commit is 3');
    const flags = ['--raft-id', 'n1', '--peers', 'n1=a:1'];
    const boot = await json('cold-start-dryrun', '--data-dir', name, ...flags);
    expect(only(boot, 'committed-entry-cut').message).to.include('commit 3');
    expect(only(boot, 'state-record-cut').message).to.include('term 1, vote 1');
  });
});
