/**
 * The five writers as functions of a source and a target, small and with small chunks, so that a run
 * has hundreds of file operations to be stopped at.
 */
import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { NO_ENVELOPES } from '../../../src/lib/engine/envelopes.js';
import type { OperationHook } from '../../../src/lib/io/atomic-ops.js';
import { targetOf, type Target } from '../../../src/lib/io/atomic-target.js';
import { FsDir } from '../../../src/lib/io/file-source.js';
import { PROTO_37 } from '../../../src/lib/proto/dialect.js';
import { closeSegments } from '../../../src/lib/raft/wal/open-segments.js';
import { carryOut, type WritePlan } from '../../../src/lib/write/carry-out.js';
import { surveyLog } from '../../../src/lib/write/log-survey.js';
import type { Manifest } from '../../../src/lib/write/manifest.js';
import { planExtract, planWrap } from '../../../src/lib/write/payload-files.js';
import { payloadOfGroup } from '../../../src/lib/write/payload-source.js';
import { planRepairedCopy, surveyRepair } from '../../../src/lib/write/repair.js';
import { planRestore } from '../../../src/lib/write/restore.js';
import { planGroupUpgrade } from '../../../src/lib/write/upgrade.js';
import { fixtureNames, unpackFresh } from '../../support/fixtures.js';

export const WRITERS = [
  'upgrade-header',
  'restore',
  'repair-wal',
  'extract-payload',
  'wrap-payload',
] as const;
export type WriterName = (typeof WRITERS)[number];

export const BY = { tool: { name: 'ekv', version: '0' }, command: 'test', argv: ['--test'] };

/** Enough for the real records of a small log. */
const SEGMENT_BYTES = 48_000;
const CHUNK_BYTES = 80;

export function kindOf(writer: WriterName): Target['kind'] {
  return writer.endsWith('payload') ? 'file' : 'directory';
}

/** @param root  a group dir; the payload writers take its newest `.fsm` */
export async function planOf(writer: WriterName, root: string): Promise<WritePlan> {
  switch (writer) {
    case 'upgrade-header': {
      const wish = { form: 'v2', cutover: 7n, sidecarCutover: undefined } as const;
      return planGroupUpgrade(root, wish, NO_PACE);
    }
    case 'restore': {
      const payload = await payloadOfGroup(root, NO_PACE);
      return planRestore(payload, {
        raftId: 'n1',
        peers: [],
        learners: [],
        freshCluster: false,
        index: undefined,
        term: undefined,
        sidecarCutover: undefined,
        sourceRaftId: 'n1',
        segmentBytes: SEGMENT_BYTES,
      });
    }
    case 'repair-wal': {
      const group = surveyLog(new FsDir(root), PROTO_37);
      closeSegments(group.segments);
      const wish = { kind: 'index', index: group.last - 1n } as const;
      const question = { root, wishes: [wish], dialect: PROTO_37, envelopes: NO_ENVELOPES };
      const [option] = surveyRepair(question).options;
      if (option === undefined || 'why' in option) throw new Error('no cut');
      return planRepairedCopy(root, option, null, PROTO_37, SEGMENT_BYTES);
    }
    case 'extract-payload':
      return planExtract(newestFsm(root), false, NO_PACE);
    case 'wrap-payload':
      return planWrap(newestFsm(root), undefined, NO_PACE);
  }
}

function newestFsm(root: string): string {
  const dir = join(root, 'fsm-snap');
  return join(dir, readdirSync(dir).sort().at(-1)!);
}

export async function runWriter(
  writer: WriterName,
  root: string,
  output: string,
  hook?: OperationHook,
): Promise<Manifest> {
  const plan = await planOf(writer, root);
  const target = targetOf(output, kindOf(writer));
  return carryOut(plan, target, { by: BY, hook, chunkBytes: CHUNK_BYTES });
}

/**
 * A recorded group dir with a snapshot, entries and a store, its last segment cut behind the last
 * record: a clean end, and no 64 MB of zeros to copy at every test.
 */
export function smallGroup(): string {
  for (const name of fixtureNames('nodes')) {
    const root = join(unpackFresh('nodes', name), 'n1');
    const dir = new FsDir(root);
    const complete = ['wal', 'snap', 'fsm-snap', 'fsm.db'].every((part) => dir.stat(part));
    if (!complete) continue;
    let survey;
    try {
      survey = surveyLog(dir, PROTO_37);
    } catch {
      continue;
    }
    const { end, entries } = survey.content;
    closeSegments(survey.segments);
    const fits = survey.startIsChosen && survey.segments.length === 1 && entries.length > 3;
    if (!fits || end.kind !== 'preallocated') continue;
    truncateSync(join(root, 'wal', end.segment!), end.offset);
    return root;
  }
  throw new Error('no fixture fits');
}
