/** What `inspect` has found out about one path, ready to be shown. */
import type { ExitCode } from '../lib/core/errors.js';
import type { Finding } from '../lib/core/finding.js';
import type { Region } from '../lib/inspect/regions.js';
import type { Section } from '../lib/report/views/section.js';
import type { Progress } from './progress.js';

export interface Inspected {
  /** One sentence part: what it is and how much is in it. */
  readonly headline: string;
  /** Fields of the JSON result behind `kind`. */
  readonly json: object;
  readonly sections: readonly Section[];
  readonly findings: readonly Finding[];
  readonly regions: readonly Region[];
  readonly grounds?: readonly ExitCode[] | undefined;
}

export interface InspectWishes {
  readonly hexdump: boolean;
  readonly digest: boolean;
  /** Undefined: no breakdown by prefix. */
  readonly depth: number | undefined;
  readonly top: number;
  /** A user key whose versions are wanted. */
  readonly key: Uint8Array | undefined;
  readonly kek: string | undefined;
  readonly pace: Progress;
}

/** The flag that asks for something only a store has; undefined where none was given. */
export function storeFlag({ digest, depth, key }: InspectWishes): string | undefined {
  if (digest) return '--store-digest';
  if (depth !== undefined) return '--by-prefix';
  return key === undefined ? undefined : '--key';
}
