/** What nodes of each generation would do with a group dir: the dry run, asked about a result. */
import type { Pace } from '../core/pace.js';
import { predictBoot } from '../engine/boot.js';
import type { PeerFlag, ProcessGroup } from '../engine/boot-input.js';
import type { BootReport } from '../engine/boot-report.js';
import type { EncryptionInput } from '../engine/envelopes.js';
import { GENERATIONS, type GenerationName } from '../engine/generation.js';
import type { DirSource } from '../io/dir-source.js';

/** How the node is started; the same for the original and the result. */
export interface NodeQuestion {
  readonly raftId: string;
  readonly peers: readonly PeerFlag[];
  readonly bootstrap: boolean;
  readonly guards: boolean;
  readonly encryption: EncryptionInput;
  /** Id of the group that is asked about, and the process's other groups. */
  readonly groupId: bigint;
  readonly others: readonly ProcessGroup[];
  readonly nowMs: bigint;
  readonly wantDigest?: boolean | undefined;
  readonly pace: Pace;
}

export interface Prediction {
  readonly generation: GenerationName;
  readonly report: BootReport;
}

export async function predict(
  group: DirSource,
  generations: readonly GenerationName[],
  question: NodeQuestion,
): Promise<Prediction[]> {
  const { wantDigest = false, groupId, others, ...rest } = question;
  const found: Prediction[] = [];
  for (const generation of generations) {
    const report = await predictBoot({
      ...rest,
      group,
      generation: GENERATIONS[generation],
      groups: [{ id: groupId, dir: group }, ...others],
      wantDigest,
      onEntry: null,
    });
    found.push({ generation, report });
  }
  return found;
}
