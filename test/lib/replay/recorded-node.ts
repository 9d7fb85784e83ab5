/** Replays of recorded nodes with the recorder's own call (spec/output.md §6). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { kekStateOf, sidecarStateOf } from '../../../src/lib/encryption/guard-inputs.js';
import type { EncryptionInput } from '../../../src/lib/engine/envelopes.js';
import { GENERATIONS, type GenerationName } from '../../../src/lib/engine/generation.js';
import type { DirSource } from '../../../src/lib/io/dir-source.js';
import { FileSource, FsDir } from '../../../src/lib/io/file-source.js';
import {
  replayNode,
  type NodeReplay,
  type ReplayInput,
} from '../../../src/lib/replay/replay-node.js';
import type { ReplayDetail, ReplayRecord } from '../../../src/lib/replay/replay-record.js';
import type { RecordedNode } from '../../support/recorded-boot.js';

const VOTERS = ['n1=127.0.0.1:50051', 'n2=127.0.0.1:50052', 'n3=127.0.0.1:50053'];

function peersOf(voters: number): { id: string; address: string }[] {
  return VOTERS.slice(0, voters === 1 ? 1 : 3).map((text) => {
    const [id = '', address = ''] = text.split('=');
    return { id, address };
  });
}

/** The sidecar and KEK that lie beside the group dir. */
function encryptionOf(dir: string): EncryptionInput {
  const sidecarPath = join(dir, 'encryption', 'keys.json');
  const kekPath = join(dir, 'kek.bin');
  return {
    on: existsSync(sidecarPath) ? true : undefined,
    sidecar: existsSync(sidecarPath)
      ? sidecarStateOf(() => new FileSource(sidecarPath))
      : { kind: 'no-path' },
    kek: existsSync(kekPath) ? kekStateOf(() => new FileSource(kekPath)) : { kind: 'none' },
    sidecarPath,
  };
}

/** @param dir  the fixture's own directory; `n1` lies in it */
export function inputOf(
  dir: string,
  generation: GenerationName,
  node: Pick<RecordedNode, 'scenario'>,
  group: DirSource = new FsDir(join(dir, 'n1')),
): ReplayInput {
  return {
    group,
    generation: GENERATIONS[generation],
    raftId: 'n1',
    peers: peersOf(node.scenario.voters),
    bootstrap: true,
    guards: false,
    encryption: encryptionOf(dir),
    groups: [],
    wantDigest: false,
    nowMs: 1_780_000_000_000n,
    pace: NO_PACE,
  };
}

export interface Listed {
  readonly replay: NodeReplay;
  readonly records: readonly ReplayRecord[];
  readonly details: readonly ReplayDetail[];
}

export async function listed(input: ReplayInput): Promise<Listed> {
  const records: ReplayRecord[] = [];
  const details: ReplayDetail[] = [];
  const replay = await replayNode(input, {
    add: (record, detail) => {
      records.push(record);
      // The payload is borrowed.
      details.push({ ...detail, payload: detail.payload && Uint8Array.from(detail.payload) });
    },
  });
  return { replay, records, details };
}
