/**
 * The whole node starts of fixtures/guards: each guard phase is fed with what our readers find on
 * the disk, and refusal, error names and epoch bumps are held against what the real node did.
 */
import { expect } from 'chai';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FileSource } from '../../../src/lib/io/file-source.js';
import {
  kekStateOf,
  sidecarStateOf,
  type RegistryState,
  type StartInputs,
} from '../../../src/lib/encryption/guard-inputs.js';
import { GUARD_RULES } from '../../../src/lib/encryption/guard-rules.js';
import { judgeReplayed } from '../../../src/lib/encryption/guards-replayed.js';
import { judgeStart, type StartOutcome } from '../../../src/lib/encryption/guards.js';
import type { Keystore } from '../../../src/lib/encryption/keystore.js';
import { unwrapRaftPayload } from '../../../src/lib/encryption/raft-envelope.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';
import { nodeIdOf } from '../../../src/lib/raft/peers/peer.js';
import { prepareStart, recordedStarts, type RecordedStart } from '../../support/recorded-start.js';
import { lookupOf, peersOf, readLog, type RecordedLog } from './recorded-node.js';

const cases = recordedStarts();

function startInputs(dir: string, { node }: RecordedStart, log: RecordedLog): StartInputs {
  const group = join(dir, 'data', 'n1');
  const get = lookupOf(group);
  const registry: RegistryState = get ? { kind: 'open', get } : { kind: 'absent' };
  const sidecarPath = join(dir, 'encryption', 'keys.json');
  return {
    rules: GUARD_RULES['snapshot-pointer'],
    encryption: node.encryptionEnabled,
    sidecar: node.sidecar ? sidecarStateOf(() => new FileSource(sidecarPath)) : { kind: 'no-path' },
    kek: node.kek ? kekStateOf(() => new FileSource(join(dir, 'kek.bin'))) : { kind: 'none' },
    fullNodeId: nodeIdOf('n1'),
    groups: [{ id: 1n, peers: peersOf(group) }],
    bootstrap: [nodeIdOf('n1')],
    snapshotCutover: { kind: 'known', cutover: log.cutover },
    registry,
  };
}

/** Names of the first entry above the cutover that does not unwrap: there the engine halts. */
function engineHalt(
  start: StartOutcome,
  log: RecordedLog,
  keys: Keystore | undefined,
): readonly string[] {
  const cutover = start.sidecar?.raftEnvelopeCutoverIndex ?? 0n;
  if (cutover === 0n) return [];
  for (const { index, payload } of log.entries) {
    if (index <= cutover || payload === undefined) continue;
    const opened = unwrapRaftPayload(keys, payload);
    if (opened instanceof Fault) return [...opened.names].sort();
  }
  return [];
}

function predicted(
  input: StartInputs,
  log: RecordedLog,
): { errors: readonly string[]; start: StartOutcome } {
  const start = judgeStart(input);
  if (start.refusal) return { errors: start.refusal.errors, start };
  const halt = engineHalt(start, log, start.keys);
  if (halt.length > 0) return { errors: halt, start };
  const byIndex = new Map(log.entries.map((e) => [e.index, e.payload?.[0]]));
  // A sole voter leads before guard 9 runs: its own no-op is the last entry, and applied.
  const last = log.lastIndex + 1n;
  const replayed = judgeReplayed(input, start, {
    sidecar: start.sidecar ? { kind: 'valid', sidecar: start.sidecar } : input.sidecar,
    registry: input.registry,
    restoredCutover: log.cutover,
    applied: last,
    snapshotIndex: log.snapshotIndex,
    lastIndex: last,
    opcodeAt: (index) => byIndex.get(index),
  });
  return { errors: replayed.refusal?.errors ?? [], start };
}

describe('encryption/guards: recorded starts', () => {
  const tally = { agree: 0, of: 0 };
  for (const recorded of cases) {
    it(recorded.name, () => {
      tally.of++;
      const dir = prepareStart(recorded);
      const log = readLog(join(dir, 'data', 'n1'));
      const { errors, start } = predicted(startInputs(dir, recorded, log), log);
      const { outcome } = recorded;
      expect(errors).to.deep.equal([...outcome.errors].sort());
      if (outcome.localEpochsAfter !== null) {
        const path = join(dir, 'encryption', 'keys.json');
        const epochs: Record<string, number> = {};
        if (existsSync(path)) {
          const json = JSON.parse(readFileSync(path, 'utf8')) as {
            keys: Record<string, { local_epoch: number }>;
          };
          for (const [id, key] of Object.entries(json.keys)) epochs[id] = key.local_epoch;
        }
        for (const { keyId, to } of start.bumps) epochs[String(keyId)] = to;
        expect(epochs, 'local epochs').to.deep.equal(outcome.localEpochsAfter);
      }
      expect(errors.length > 0).to.equal(outcome.refuses);
      tally.agree++;
      rmSync(dir, { recursive: true });
    });
  }

  after(() => {
    process.stdout.write(`      recorded starts: agree ${tally.agree} of ${tally.of}\n`);
    expect(tally.of).to.equal(cases.length).and.to.be.greaterThan(50);
  });
});
