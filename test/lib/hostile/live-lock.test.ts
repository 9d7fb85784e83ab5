import { expect } from 'chai';
import { deviceOf, mountDevice, parseLockTable } from '../../../src/lib/io/live-lock.js';

// Lines as Linux 6.1 prints them.
const TABLE = `1: POSIX  ADVISORY  WRITE 7867 fe:00:10126454 0 EOF
2: OFDLCK ADVISORY  WRITE -1 fe:00:10126439 0 EOF
2: -> OFDLCK ADVISORY  WRITE -1 fe:00:10126439 0 EOF
3: FLOCK  ADVISORY  WRITE 12 08:11:7 0 EOF
4: LEASE  ACTIVE    READ 12 08:11:8 0 EOF
rubbish
`;

describe('live locks', () => {
  it('reads the kernel’s table: held locks, not waiters, not leases', () => {
    expect(parseLockTable(TABLE)).to.deep.equal([
      { kind: 'POSIX', pid: 7867, device: '254:0', inode: '10126454' },
      { kind: 'OFDLCK', pid: undefined, device: '254:0', inode: '10126439' },
      { kind: 'FLOCK', pid: 12, device: '8:17', inode: '7' },
    ]);
    expect(parseLockTable('')).to.deep.equal([]);
  });

  it('unpacks device numbers as Linux packs them', () => {
    expect(deviceOf(0xfe00n)).to.equal('254:0');
    expect(deviceOf(0x811n)).to.equal('8:17');
    // makedev(259, 300): minor bits 8 and up lie above the major's.
    expect(deviceOf(0x11032cn)).to.equal('259:300');
    expect(deviceOf((0x1000n << 32n) | 0x1n)).to.equal('4096:1');
  });

  it('finds the device of the mount a path lies on', () => {
    const mountinfo = [
      '22 1 254:0 / / rw - ext4 /dev/vda rw',
      '30 22 0:45 /@ /data rw - btrfs /dev/vdb rw',
      '31 22 0:50 / /data\\040two rw - btrfs /dev/vdc rw',
    ].join('\n');
    expect(mountDevice(mountinfo, '/etc/x')).to.equal('254:0');
    expect(mountDevice(mountinfo, '/data/n1/wal/x')).to.equal('0:45');
    expect(mountDevice(mountinfo, '/data two/n1')).to.equal('0:50');
    expect(mountDevice(mountinfo, '/database')).to.equal('254:0');
    expect(mountDevice('', '/etc/x')).to.equal(undefined);
  });
});
