import { expect } from 'chai';
import { inspectFsm, verifyFsmCrc, type FsmReport } from '../../../src/lib/snapshot/inspect.js';
import {
  decodeOraclePayload,
  encodeOraclePayload,
} from '../../../src/lib/snapshot/payload/oracle.js';
import { be64, container, crcOf, latin1, pebbleStream, sourceOf, tokenOf, V1 } from './build.js';

const GOOD = Buffer.concat([
  V1,
  pebbleStream([
    ['a', latin1('one')],
    ['b', latin1('two')],
  ]),
]);

function codesOf(report: { findings: FsmReport['findings'] }): string {
  return report.findings.map((f) => f.code).join(' ');
}

describe('inspect of a .fsm', () => {
  it('tells everything of a good file', async () => {
    const source = sourceOf(container(GOOD));
    const report = await inspectFsm(source, { container: true, token: tokenOf(GOOD) });
    expect(report).to.deep.include({
      payloadBytes: GOOD.length,
      footer: crcOf(GOOD),
      computed: crcOf(GOOD),
      payloadKind: 'pebble-stream',
      payloadOffset: 16,
      findings: [],
    });
    expect(report.fields.map((f) => f.name)).to.deep.equal([
      'header.magic',
      'header.ceilingMs',
      'footer.crc32c',
    ]);
    expect(report.fields.at(-1)?.offset).to.equal(GOOD.length);
    expect(report.payload?.meta.lastCommitTs).to.equal(7n);
  });

  it('goes on after a fault and lists them in the node’s order', async () => {
    const bytes = container(Buffer.concat([latin1('EKVTHLC9'), GOOD]));
    bytes[30]! ^= 1;
    const report = await inspectFsm(sourceOf(bytes), { container: true, token: tokenOf(GOOD) });
    expect(codesOf(report)).to.equal('fsm-token-crc fsm-header-unknown-magic fsm-file-crc');
    expect(report.payloadKind).to.equal('unreadable');
    expect(report.computed).to.equal(crcOf(bytes.subarray(0, -4)));
  });

  it('stops at a file too small for a footer', async () => {
    const report = await inspectFsm(sourceOf(Buffer.alloc(2)), { container: true });
    expect(codesOf(report)).to.equal('fsm-too-small');
    expect(report).to.deep.include({ footer: undefined, computed: undefined, payloadBytes: 0 });
  });

  it('warns of a damaged body that a restore would put in place', async () => {
    const bytes = container(GOOD);
    bytes[GOOD.length - 1]! ^= 1;
    const report = await inspectFsm(sourceOf(bytes), { container: true });
    expect(codesOf(report)).to.equal('fsm-file-crc fsm-damaged-body-swap');
  });

  it('warns of a negative ceiling and of keys out of order', async () => {
    const stream = pebbleStream([
      ['b', latin1('1')],
      ['a', latin1('2')],
    ]);
    const payload = Buffer.concat([latin1('EKVTHLC1'), be64(2n ** 63n), stream]);
    const report = await inspectFsm(sourceOf(payload), { container: false });
    expect(codesOf(report)).to.equal('fsm-ceiling-negative fsm-keys-unordered');
    expect(report.footer).to.equal(undefined);
  });

  it('takes 8 bytes for the payload of a timestamp oracle', async () => {
    const payload = encodeOraclePayload(1780000049219n);
    const report = await inspectFsm(sourceOf(container(payload)), { container: true });
    expect(report).to.deep.include({ payloadKind: 'oracle', oracleCeilingMs: 1780000049219n });
    expect(report.findings).to.deep.equal([]);
    const high = await inspectFsm(sourceOf(container(be64(1n << 48n))), { container: true });
    expect(codesOf(high)).to.equal('fsm-oracle-ceiling');
    expect(() => decodeOraclePayload(be64(0n).subarray(1), { path: 'f' })).to.throw('must be 8 B');
    expect(decodeOraclePayload(be64((1n << 48n) - 1n), { path: 'f' })).to.equal((1n << 48n) - 1n);
  });

  it('verifies the CRC alone, all steps of it', async () => {
    const bytes = container(GOOD);
    expect((await verifyFsmCrc(sourceOf(bytes), tokenOf(GOOD))).findings).to.deep.equal([]);
    bytes[5]! ^= 1;
    const wrong = { index: 40n, crc: 1 };
    expect(codesOf(await verifyFsmCrc(sourceOf(bytes), wrong))).to.equal(
      'fsm-token-crc fsm-file-crc',
    );
    expect(codesOf(await verifyFsmCrc(sourceOf(bytes.subarray(0, 3)), wrong))).to.equal(
      'fsm-too-small',
    );
  });
});
