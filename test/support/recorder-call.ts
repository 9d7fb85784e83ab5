/** The call with which the recorder booted a group dir of `fixtures/nodes` (spec/output.md §6). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NO_PACE } from '../../src/lib/core/pace.js';
import { kekStateOf, sidecarStateOf } from '../../src/lib/encryption/guard-inputs.js';
import type { BootInput, PeerFlag } from '../../src/lib/engine/boot-input.js';
import type { EncryptionInput } from '../../src/lib/engine/envelopes.js';
import { GENERATIONS, type GenerationName } from '../../src/lib/engine/generation.js';
import type { DirSource } from '../../src/lib/io/dir-source.js';
import { FileSource, FsDir } from '../../src/lib/io/file-source.js';
import type { RecordedNode } from './recorded-boot.js';

/** Three members, or the node alone. */
export function recordedPeers(voters: number): PeerFlag[] {
  const ids = voters === 1 ? ['n1'] : ['n1', 'n2', 'n3'];
  return ids.map((id, i) => ({ id, address: `127.0.0.1:${50051 + i}` }));
}

/** The sidecar and KEK that lie beside the group dir, as they were handed to the engine. */
function encryptionBeside(dir: string): EncryptionInput {
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

/**
 * @param dir  the fixture's own directory; `n1` lies in it
 * @param group  what stands for `n1`
 */
export function recorderCall(
  dir: string,
  generation: GenerationName,
  { scenario }: Pick<RecordedNode, 'scenario'>,
  group: DirSource = new FsDir(join(dir, 'n1')),
): BootInput {
  return {
    group,
    generation: GENERATIONS[generation],
    raftId: 'n1',
    peers: recordedPeers(scenario.voters),
    bootstrap: true,
    guards: false,
    encryption: encryptionBeside(dir),
    groups: [],
    wantDigest: false,
    onEntry: null,
    nowMs: 1_780_000_000_000n,
    pace: NO_PACE,
  };
}
