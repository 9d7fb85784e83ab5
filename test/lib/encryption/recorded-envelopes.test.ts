/**
 * The wrapped log entries of fixtures/nodes. An entry that was proposed under the cutover is read
 * with the sidecar and KEK that lie beside it; where the real boot of build B stops with
 * `ErrRaftUnwrapFailed` the first entry that fails must do so with the very names recorded, and
 * where it does not stop none may fail.
 */
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FileSource } from '../../../src/lib/io/file-source.js';
import { kekStateOf, sidecarStateOf } from '../../../src/lib/encryption/guard-inputs.js';
import { unwrapRaftPayload } from '../../../src/lib/encryption/raft-envelope.js';
import { unwrapKeys } from '../../../src/lib/encryption/unwrap-keys.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';
import { dropFixture, fixtureNames, readExpect, unpackFixture } from '../../support/fixtures.js';
import { peersOf, readLog } from './recorded-node.js';

describe('encryption: wrapped entries of recorded nodes', () => {
  it('unwrap, or fail with the names that the boots recorded', () => {
    const tally = { agree: 0, of: 0, entries: 0, failed: 0, other: 0 };
    for (const name of fixtureNames('nodes')) {
      const dir = unpackFixture('nodes', name);
      const path = join(dir, 'encryption', 'keys.json');
      const outcome = existsSync(path) ? judge(dir, path) : undefined;
      dropFixture('nodes', name);
      if (outcome === undefined) continue;
      tally.entries += outcome.entries;
      tally.failed += outcome.names.length > 0 ? 1 : 0;
      tally.of++;
      const recorded = stopOf(name);
      // Refused for another reason before or besides: that boot says nothing of its entries.
      if (recorded.length > 0 && !recorded.includes('ErrRaftUnwrapFailed')) {
        tally.other++;
        tally.of--;
        continue;
      }
      expect([...outcome.names].sort(), name).to.deep.equal(recorded);
      tally.agree++;
    }
    process.stdout.write(
      `      recorded nodes: agree ${tally.agree} of ${tally.of}; ` +
        `${tally.entries} wrapped entries, ` +
        `${tally.failed} nodes with one that fails, ` +
        `${tally.other} nodes refuse for another reason\n`,
    );
    expect(tally.agree).to.equal(tally.of).and.to.be.greaterThan(5);
    expect(tally.failed).to.be.greaterThan(2);
  });
});

interface Recorded {
  readonly outcomes: Readonly<
    Record<
      string,
      { readonly [stop in 'openError' | 'halt']?: { readonly names: readonly string[] } | null }
    >
  >;
}

/** Names under which the boot of build B stopped, `UnexpectedEOF` left aside; none when it did not. */
function stopOf(name: string): readonly string[] {
  const outcome = (readExpect('nodes', name) as Recorded).outcomes['snapshot-pointer'];
  const stop = outcome?.openError ?? outcome?.halt;
  if (!stop) return [];
  const names = stop.names.filter((n) => n !== 'UnexpectedEOF').sort();
  return names.length === 0 ? ['unnamed'] : names;
}

/** Undefined without a cutover: that node wraps nothing. */
function judge(
  dir: string,
  path: string,
): { entries: number; names: readonly string[] } | undefined {
  const state = sidecarStateOf(() => new FileSource(path));
  if (state.kind !== 'valid' || state.sidecar.raftEnvelopeCutoverIndex === 0n) return undefined;
  const kekPath = join(dir, 'kek.bin');
  const kek = existsSync(kekPath) ? kekStateOf(() => new FileSource(kekPath)) : undefined;
  const loaded = kek?.kind === 'loaded' ? unwrapKeys(state.sidecar, kek.kek) : undefined;
  const keys = loaded instanceof Fault ? undefined : loaded;
  let entries = 0;
  const group = join(dir, 'n1');
  const log = readLog(group);
  // A sole voter commits its whole log by electing itself.
  const commit = peersOf(group)?.length === 1 ? log.lastIndex : log.commit;
  for (const { index, payload } of log.entries) {
    if (index > commit) break;
    if (index <= state.sidecar.raftEnvelopeCutoverIndex || payload === undefined) continue;
    entries++;
    const opened = unwrapRaftPayload(keys, payload);
    if (opened instanceof Fault) return { entries, names: opened.names };
  }
  return { entries, names: [] };
}
