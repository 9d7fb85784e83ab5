import { expect } from 'chai';
import { IoError } from '../../../src/lib/core/errors.js';
import { MemoryDir } from '../../../src/lib/io/memory-dir.js';
import { FsDir } from '../../../src/lib/io/file-source.js';
import {
  encodeFooter,
  fsmFileName,
  openFsm,
  parseFsmFileName,
  readFooter,
} from '../../../src/lib/snapshot/fsm-file.js';
import { FsmFault } from '../../../src/lib/snapshot/fsm-fault.js';
import { tempDir } from '../../support/fixtures.js';
import { hexOf, sourceOf } from './build.js';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

describe('fsm file', () => {
  it('is named after its index', () => {
    expect(fsmFileName(40n)).to.equal('0000000000000028.fsm');
    expect(parseFsmFileName('0000000000000028.fsm')).to.equal(40n);
    expect(parseFsmFileName('28.fsm')).to.equal(40n);
    expect(parseFsmFileName('00000000000000000000000000000000AB.fsm')).to.equal(0xabn);
    expect(parseFsmFileName('0.fsm')).to.equal(0n);
    expect(parseFsmFileName('ffffffffffffffff.fsm')).to.equal(2n ** 64n - 1n);
    for (const name of ['10000000000000000.fsm', '.fsm', 'xy.fsm', '28.fsm.tmp', '28', '-1.fsm']) {
      expect(parseFsmFileName(name), name).to.equal(undefined);
    }
  });

  it('holds a CRC in its last four bytes', () => {
    expect(readFooter(sourceOf(Buffer.from('aabbe3069283', 'hex')))).to.equal(0xe3069283);
    expect(readFooter(sourceOf(Buffer.alloc(4)))).to.equal(0);
    expect(hexOf(encodeFooter(0xe3069283))).to.equal('e3069283');
  });

  it('is too small below four bytes', () => {
    for (let n = 0; n < 4; n++) {
      expect(() => readFooter(sourceOf(Buffer.alloc(n))))
        .to.throw(FsmFault)
        .with.property(
          'nodeText',
          `file too small: ${n} bytes (minimum 4): fsm snapshot: file too small to contain footer`,
        );
    }
  });

  it('is not found where it is missing; any other refusal to open is passed on', () => {
    const dir = new MemoryDir('DIR', new Map([['0000000000000028.fsm', Buffer.alloc(4)]]));
    expect(openFsm(dir, 40n).size).to.equal(4);
    expect(() => openFsm(dir, 41n))
      .to.throw(FsmFault)
      .with.deep.include({ code: 'fsm-not-found', nodeErrors: ['ErrFSMSnapshotNotFound'] });
    const disk = tempDir('fsm-file');
    mkdirSync(join(disk, fsmFileName(9n)));
    expect(() => openFsm(new FsDir(disk), 9n)).to.throw(IoError, 'not a regular file');
  });
});
