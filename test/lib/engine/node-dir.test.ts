import { expect } from 'chai';
import { openNodeDir } from '../../../src/lib/engine/node-dir.js';
import { MemoryDir } from '../../../src/lib/io/memory-dir.js';
import { nodeIdOf, peerBytes } from '../../../src/lib/raft/peers/peer.js';
import { encodePeersFile } from '../../../src/lib/raft/peers/peers-file.js';

function dir(path: string, ...files: string[]): MemoryDir {
  return new MemoryDir(path, new Map(files.map((name) => [name, Buffer.from('x')])));
}

function peers(...ids: string[]): Uint8Array {
  const list = ids.map((text) => {
    const id = peerBytes(text);
    return { nodeId: nodeIdOf(id), id, address: peerBytes(`${text}:1`), suffrage: undefined };
  });
  return encodePeersFile({
    version: 2,
    index: 1n,
    peers: list,
    seed: { active: false, peers: [] },
  });
}

describe('engine/node-dir', () => {
  it('takes a group dir as it is', () => {
    const node = openNodeDir(dir('/data/n1', 'wal/a.wal', 'raft-engine'));
    expect(node.group.relativePath).to.equal('');
    expect(node.raftId).to.equal('n1');
  });

  it('finds the group below the raft data dir', () => {
    const node = openNodeDir(dir('/data', 'n1/snap/a.snap'));
    expect([node.group.relativePath, node.raftId]).to.deep.equal(['n1', 'n1']);
  });

  it('prefers the lowest group that is not 0, and says that there are others', () => {
    const node = openNodeDir(
      dir('/data', 'n1/group-0/wal/a', 'n1/group-10/wal/a', 'n1/group-2/wal/a'),
    );
    expect(node.group.relativePath).to.equal('n1/group-2');
    expect(node.groups.map(({ groupId }) => groupId)).to.deep.equal([0n, 2n, 10n]);
    expect(node.findings.map(({ code }) => code)).to.deep.equal(['several-groups']);
  });

  it('takes the raft id dir itself as the data group beside group-0', () => {
    const node = openNodeDir(dir('/data/n1', 'wal/a', 'group-0/wal/a'));
    expect(node.group.relativePath).to.equal('');
    expect(
      openNodeDir(dir('/data/n1', 'wal/a', 'group-0/wal/a'), { group: 0n }).group.relativePath,
    ).to.equal('group-0');
  });

  it('refuses a group that is not there, and a dir without any', () => {
    expect(() => openNodeDir(dir('/data/n1', 'wal/a'), { group: 7n })).to.throw(
      'no group 7 here; there is 1',
    );
    expect(() => openNodeDir(dir('/data', 'readme'))).to.throw('no raft group here');
  });

  it('does not take a foreign directory name for the raft id', () => {
    const files = new Map<string, Uint8Array>([['etcd-raft-peers.bin', peers('n1')]]);
    const alone = openNodeDir(new MemoryDir('/tmp/copy', files));
    expect(alone.raftId).to.equal('n1');
    expect(alone.findings.map(({ code }) => code)).to.deep.equal(['raft-id-assumed']);
    files.set('etcd-raft-peers.bin', peers('n1', 'n2'));
    const several = openNodeDir(new MemoryDir('/tmp/copy', files));
    expect(several.raftId).to.equal(null);
    expect(several.findings.map(({ code }) => code)).to.deep.equal(['raft-id-unknown']);
    expect(openNodeDir(new MemoryDir('/tmp/n2', files)).raftId).to.equal('n2');
  });
});
