/** A replay with every record it streams, kept. */
import {
  replayNode,
  type NodeReplay,
  type ReplayInput,
} from '../../../src/lib/replay/replay-node.js';
import {
  Completing,
  type ReplayDetail,
  type ReplayRecord,
} from '../../../src/lib/replay/replay-record.js';

export interface Listed {
  readonly replay: NodeReplay;
  readonly records: readonly ReplayRecord[];
  readonly details: readonly ReplayDetail[];
}

export async function listed(input: ReplayInput): Promise<Listed> {
  const records: ReplayRecord[] = [];
  const details: ReplayDetail[] = [];
  const add = (record: ReplayRecord, detail: ReplayDetail): void => {
    records.push(record);
    // The payload is borrowed.
    details.push({ ...detail, payload: detail.payload && Uint8Array.from(detail.payload) });
  };
  const replay = await replayNode(input, new Completing({ add }));
  return { replay, records, details };
}
