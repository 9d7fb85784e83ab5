/** The recorded starts of whole nodes in `fixtures/guards`: a base dir and what was changed in it. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FIXTURES, unpackFresh } from './fixtures.js';

export interface RecordedStart {
  readonly name: string;
  readonly base: string;
  readonly files: Readonly<Record<string, { readonly base64: string; readonly mode?: string }>>;
  readonly remove: readonly string[];
  readonly node: {
    readonly encryptionEnabled: boolean;
    readonly kek: boolean;
    readonly sidecar: boolean;
  };
  readonly outcome: {
    readonly refuses: boolean;
    readonly errors: readonly string[];
    readonly afterElection: boolean;
    readonly localEpochsAfter: Readonly<Record<string, number>> | null;
  };
}

export function recordedStarts(): readonly RecordedStart[] {
  const path = join(FIXTURES, 'guards', 'guards.expect.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { cases: RecordedStart[] }).cases;
}

/** Makes of its base dir what the node was started with. */
export function changeToStart(dir: string, { files, remove }: RecordedStart): void {
  for (const [name, { base64, mode }] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), Buffer.from(base64, 'base64'));
    chmodSync(join(dir, name), Number.parseInt(mode ?? '600', 8));
  }
  for (const name of remove) rmSync(join(dir, name), { recursive: true });
}

/** A fresh directory of that start. */
export function prepareStart(start: RecordedStart): string {
  const dir = unpackFresh('guards', start.base);
  changeToStart(dir, start);
  return dir;
}
