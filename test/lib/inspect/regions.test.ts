/** The labelled bytes of `--hexdump`: right names, right places, and nothing of what users stored. */
import { expect } from 'chai';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { inspectFsmFile } from '../../../src/lib/inspect/fsm.js';
import {
  bigEndianFields,
  frameFields,
  fsmFields,
  regionsOf,
  tailFields,
} from '../../../src/lib/inspect/regions.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import type { Field } from '../../../src/lib/snapshot/field.js';
import { pebbleFiles } from '../../fuzz/samples.js';
import { smallLegacyEntries, smallWals } from '../../fuzz/small-logs.js';
import {
  be64,
  bundle,
  container,
  latin1,
  manifestJson,
  manifestOf,
  mvccBody,
  mvccStream,
  pebbleStream,
  tableOf,
  V1,
} from '../snapshot/build.js';

const shown = (fields: readonly Field[]): string[] =>
  fields.map(({ name, offset, length, value }) => `${offset}+${length} ${name} = ${value}`);

async function ofFsm(payload: Uint8Array): Promise<string[]> {
  const source = new MemorySource('x.fsm', container(payload));
  const report = await inspectFsmFile(source, { container: true, found: undefined, pace: NO_PACE });
  return shown(fsmFields(source, report));
}

describe('inspect: regions of a snapshot', () => {
  it('the beginning of each form of store payload, behind the header', async () => {
    const stream = await ofFsm(Buffer.concat([V1, pebbleStream([], 77n)]));
    expect(stream).to.include.members([
      '16+8 store.magic = "EKVPBBL1"',
      '24+8 store.lastCommitTS = 77',
    ]);
    const mvcc = await ofFsm(Buffer.concat([V1, mvccStream(mvccBody([], 9n, 3n))]));
    expect(mvcc).to.include.members([
      '16+8 store.magic = "EKVMVCC2"',
      '24+4 store.version = 1',
      '32+8 store.lastCommitTS = 9',
      '40+8 store.minRetainedTS = 3',
    ]);
    const tables = [tableOf([['k', Buffer.from('v')]])];
    const json = manifestJson(manifestOf(tables));
    const sst = await ofFsm(Buffer.concat([V1, bundle(json, tables)]));
    expect(sst).to.include(`24+8 store.manifestLen = ${json.length}`);
    expect(sst.some((line) => line.startsWith('32+32 store.manifestSha256 = '))).to.equal(true);
  });

  it('an oracle has its ceiling, an unreadable header its bytes without a name', async () => {
    expect(await ofFsm(be64(1_780_000_049_219n))).to.include(
      '0+8 oracle.ceilingMs = 1780000049219',
    );
    const unknown = await ofFsm(Buffer.concat([latin1('EKVTHLC9'), Buffer.alloc(30)]));
    expect(unknown).to.include('0+16 (no readable header) = ');
  });

  it('adjacent fields are one region, the others are apart, what lies outside is left out', () => {
    const source = new MemorySource(
      'f',
      Uint8Array.from({ length: 20 }, (_, i) => i),
    );
    const field = (offset: number, length: number): Field => ({
      name: 'n',
      offset,
      length,
      value: '',
    });
    const fields = [field(10, 2), field(0, 4), field(4, 2), field(5, 3), field(18, 4), field(9, 0)];
    const found = regionsOf(source, fields);
    expect(found.map(({ offset, bytes }) => [offset, [...bytes]])).to.deep.equal([
      [0, [0, 1, 2, 3, 4, 5]],
      [10, [10, 11]],
    ]);
  });
});

describe('inspect: regions of other files', () => {
  it('frames of a segment: length, type, CRC, length of the data, and the end', () => {
    const [wal] = smallWals();
    const end = wal!.length - 64;
    const lines = shown(frameFields(new MemorySource('w', wal!), end));
    expect(lines.slice(0, 3)).to.deep.equal([
      '0+8 frame 0.length = 4, padding 4',
      '8+2 frame 0.type = 4 crc',
      '10+2 frame 0.crc = 00000000',
    ]);
    expect(lines.some((line) => line.endsWith(' frame 2.type = 5 snapshot'))).to.equal(true);
    expect(lines.some((line) => line.includes('frame 2.dataLength'))).to.equal(true);
    expect(lines.at(-1)).to.equal(`${end}+8 end.length = 0, padding 0`);
    expect(shown(frameFields(new MemorySource('w', new Uint8Array(5)), 0))).to.deep.equal([]);
  });

  it('a frame whose length reaches past the end is named and not followed', () => {
    const bytes = Uint8Array.of(200, 0, 0, 0, 0, 0, 0, 0, 8, 2);
    expect(shown(frameFields(new MemorySource('w', bytes), 10))).to.deep.equal([
      '0+8 frame 0.length = 200, padding 0',
    ]);
  });

  it('magic and version of the big-endian files', () => {
    const [entries] = smallLegacyEntries();
    const of = (kind: string, bytes: Uint8Array): string[] =>
      shown(bigEndianFields(new MemorySource('b', bytes), kind));
    const length = Buffer.from(entries!).readUInt32BE(8);
    expect(of('legacy-entries', entries!)).to.deep.equal([
      '0+4 magic = "EKVW"',
      '4+4 version = 1',
      `8+4 entry.length = ${length}`,
    ]);
    const peers = Buffer.concat([latin1('EKVP'), Buffer.from('00000002', 'hex'), be64(7n)]);
    expect(of('peers-file', Buffer.concat([peers, Buffer.from('00000003', 'hex')]))).to.deep.equal([
      '0+4 magic = "EKVP"',
      '4+4 version = 2',
      '8+8 index = 7',
      '16+4 count = 3',
    ]);
    expect(of('legacy-state', entries!)[2]).to.contain('hardState.length');
    expect(of('peers-file', peers.subarray(0, 7))).to.deep.equal([]);
  });

  it('the footer of a table, and of a file that is shorter than one', () => {
    const [table] = pebbleFiles(/^v2-tiny\.sst$/);
    const size = table!.length;
    expect(shown(tailFields(new MemorySource('t', table!)))).to.deep.equal([
      `${size - 53}+45 footer = `,
      `${size - 8}+8 footer.magic = f09faab3f09faab3`,
    ]);
    expect(shown(tailFields(new MemorySource('t', table!.subarray(0, 7))))).to.deep.equal([]);
  });
});

describe('inspect: a .fsm whose payload has a foreign form', () => {
  /** A merge operation is no row that a node writes. */
  const MERGE = 2;
  const tables = [tableOf([['k', Buffer.from('v')]], 0n, MERGE)];
  const payload = Buffer.concat([V1, bundle(manifestJson(manifestOf(tables)), tables)]);

  async function inspected(bytes: Uint8Array, crc?: number) {
    const source = new MemorySource('x.fsm', bytes);
    const found = crc === undefined ? undefined : { token: { index: 40n, crc }, from: 'snap' };
    return inspectFsmFile(source, { container: true, found, pace: NO_PACE });
  }

  it('is said to be unread, and header and checksum are looked at all the same', async () => {
    const sound = await inspected(container(payload));
    expect(sound.findings.map(({ code }) => code)).to.deep.equal(['fsm-bundle-foreign']);
    expect(sound).to.include({ payloadKind: 'unreadable', payloadOffset: 16 });
    expect(sound.header).to.include({ form: 'v1', ceilingMs: 1780000049219n });
    expect(sound.computed).to.equal(sound.footer);
    const bytes = container(payload);
    bytes[bytes.length - 1]! ^= 1;
    const bad = await inspected(bytes, 5);
    expect(bad.findings.map(({ code }) => code)).to.deep.equal([
      'fsm-bundle-foreign',
      'fsm-token-crc',
      'fsm-file-crc',
    ]);
    expect(bad.findings[2]?.offset).to.equal(bytes.length - 4);
  });
});
