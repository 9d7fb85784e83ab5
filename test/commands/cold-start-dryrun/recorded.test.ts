/**
 * The machine contract through the real command line: every n-th recorded node, both generations,
 * called exactly as spec/output.md §6 says, its JSON against the recording.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runCli } from '../../support/cli.js';
import { dropFixture, fixtureNames, readExpect, unpackFixture } from '../../support/fixtures.js';
import type { RecordedBoot, RecordedNode } from '../../support/recorded-boot.js';

const EVERY = 23;

interface Entry {
  readonly index: string;
  readonly told: boolean;
  readonly applied: boolean;
  readonly payloadLength: number;
  readonly payloadSha256: string;
  readonly ceilingMs: string;
}

interface Result {
  readonly gate: Record<string, string | null>;
  readonly refusal: { readonly errors: readonly string[]; readonly panic: boolean } | null;
  readonly counters: Record<string, string>;
  readonly store?: { readonly keys: number; readonly sha256: string };
  readonly fsm: { readonly absent?: boolean; readonly keys: number; readonly sha256: string };
  readonly entryList: readonly Entry[];
  readonly members: readonly { id: string; address: string; suffrage: string }[];
}

interface Document {
  readonly verdict: string;
  readonly exitCode: number;
  readonly result: Result;
}

function call(dir: string, voters: number, generation: string): { code: number; doc: Document } {
  const peers = ['n1=127.0.0.1:50051', 'n2=127.0.0.1:50052', 'n3=127.0.0.1:50053'];
  const args = ['cold-start-dryrun', '--data-dir', 'n1', '--raft-id', 'n1', '--bootstrap'];
  args.push('--peers', peers.slice(0, voters === 1 ? 1 : 3).join(','), '--no-guards');
  if (existsSync(join(dir, 'encryption'))) args.push('--sidecar', 'encryption/keys.json');
  if (existsSync(join(dir, 'kek.bin'))) args.push('--kek', 'kek.bin');
  args.push('--generation', generation, '--store-digest', '--entries', '--json');
  const run = runCli(args, { cwd: dir });
  return { code: run.code ?? -1, doc: JSON.parse(run.stdout) as Document };
}

function check(doc: Document, recorded: RecordedBoot): void {
  const { result } = doc;
  const failure = recorded.openError ?? recorded.halt;
  const panics = recorded.crash !== undefined || (failure?.names.includes('PANIC') ?? false);
  expect(doc.verdict === 'refuses', 'verdict').to.equal(panics || failure !== undefined);
  expect(doc.verdict, 'verdict').not.to.equal('inconclusive');
  expect(result.refusal?.panic ?? false, 'panic').to.equal(panics);
  if (panics) return;
  expect(result.gate['outcome'], 'gate').to.equal(recorded.gate?.outcome ?? 'none');
  expect(result.gate['have'] ?? undefined, 'have').to.equal(recorded.gate?.have);
  if (recorded.storeBefore !== 'absent') {
    expect(result.fsm.sha256, 'before').to.equal(recorded.storeBefore?.sha256);
    expect(result.fsm.keys, 'keys before').to.equal(recorded.storeBefore?.keys);
  } else expect(result.fsm.absent).to.equal(true);
  if (recorded.store && recorded.store !== 'absent') {
    expect(result.store?.sha256, 'after').to.equal(recorded.store.sha256);
  }
  const applied = result.entryList.filter((entry) => entry.applied);
  const applies = recorded.applies ?? [];
  expect(applied.map((e) => [e.told, e.payloadLength, e.payloadSha256, e.ceilingMs])).to.deep.equal(
    applies.map((a) => [a.told, a.payloadLen, a.payloadSha256, a.ceilingAfter]),
  );
  expect(result.counters['ceilingMs']).to.equal(recorded.ceilingMs);
  if (failure) return;
  expect(result.counters).to.deep.include({
    appliedIndex: recorded.appliedIndex,
    commitIndex: recorded.commitIndex,
    lastIndex: recorded.lastLogIndex,
    term: recorded.term,
    hlcLast: recorded.hlcLast,
    restoredCutover: recorded.restoredCutover,
    lastSnapshotIndex: recorded.lastSnapshotIndex,
  });
  const members = result.members.map((m) => `${m.id} ${m.address} ${m.suffrage}`);
  expect(members).to.deep.equal(recorded.configuration ?? []);
}

describe('cold-start-dryrun: the JSON of recorded boots', () => {
  for (const name of fixtureNames('nodes').filter((_, i) => i % EVERY === 0)) {
    it(`agrees with ${name} under both generations`, () => {
      const node = readExpect('nodes', name) as RecordedNode;
      const dir = unpackFixture('nodes', name);
      for (const [generation, recorded] of Object.entries(node.outcomes)) {
        const { code, doc } = call(dir, node.scenario.voters, generation);
        expect(doc.exitCode, 'the exit status in the document').to.equal(code);
        check(doc, recorded);
      }
      dropFixture('nodes', name);
    });
  }
});
