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
  readonly kek: string | undefined;
  readonly pace: Progress;
}
