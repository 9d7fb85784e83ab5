/**
 * The books of a verification: every check with its outcome, and of every file how many bytes were
 * checked, skipped and unreadable. The sums are held against what is there, so that a region nobody
 * looked at cannot pass as a verified one.
 *
 * - checked: a checksum over these bytes was computed and is the stored one
 * - skipped: no checksum covers them, or none could be compared
 * - unreadable: a checksum over them fails, or they cannot be read at all
 */
import { assert } from '../core/errors.js';
import type { Finding } from '../core/finding.js';

export const STAGES = [
  'snap-crc',
  'fsm-token',
  'fsm-crc',
  'fsm-content',
  'wal-chain',
  'pebble',
  'structure',
  'no-checksum',
] as const;
export type StageName = (typeof STAGES)[number];

export type CheckStatus = 'ok' | 'damaged' | 'attention' | 'unreadable' | 'skipped';

export interface Check {
  readonly stage: StageName;
  readonly file: string;
  readonly status: CheckStatus;
  readonly detail: string;
}

export interface ByteSums {
  readonly there: number;
  readonly checked: number;
  readonly skipped: number;
  readonly unreadable: number;
}

export interface FileSums extends ByteSums {
  readonly file: string;
  /** The stage that accounts for its bytes. */
  readonly stage: StageName;
}

export interface StageReport {
  readonly name: StageName;
  readonly status: CheckStatus;
  readonly checks: number;
  readonly files: number;
  readonly bytes: ByteSums;
  /** Of the worst check, or what was done. */
  readonly detail: string;
}

export interface VerifyReport {
  readonly stages: readonly StageReport[];
  readonly checks: readonly Check[];
  readonly files: readonly FileSums[];
  readonly bytes: ByteSums;
  readonly findings: readonly Finding[];
}

const WORST: readonly CheckStatus[] = ['damaged', 'unreadable', 'attention', 'ok', 'skipped'];
const NOTHING = 'nothing of the kind is there';
const NONE: ByteSums = { there: 0, checked: 0, skipped: 0, unreadable: 0 };

export class Ledger {
  readonly findings: Finding[] = [];
  private readonly checks: Check[] = [];
  private readonly files = new Map<string, FileSums>();

  find(...findings: readonly Finding[]): void {
    this.findings.push(...findings);
  }

  check(stage: StageName, file: string, status: CheckStatus, detail: string): void {
    this.checks.push({ stage, file, status, detail });
  }

  /** Accounts for a file; it has not been before. What is not checked or unreadable is skipped. */
  account(
    stage: StageName,
    file: string,
    there: number,
    { checked = 0, unreadable = 0 }: { checked?: number; unreadable?: number },
  ): void {
    assert(!this.files.has(file), `${file} is accounted for once`);
    const skipped = there - checked - unreadable;
    assert(
      checked >= 0 && unreadable >= 0 && skipped >= 0,
      `${file}: ${checked} checked and ${unreadable} unreadable of ${there} bytes`,
    );
    this.files.set(file, { file, stage, there, checked, skipped, unreadable });
  }

  isAccounted(file: string): boolean {
    return this.files.has(file);
  }

  /**
   * @param there  bytes of all files that were to be accounted for
   * @param wanted  stages that are listed even where nothing was there for them
   */
  report(there: number, wanted: readonly StageName[]): VerifyReport {
    const files = [...this.files.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
    const bytes = sumOf(files);
    assert(
      bytes.there === there && bytes.checked + bytes.skipped + bytes.unreadable === there,
      `${bytes.checked} checked + ${bytes.skipped} skipped + ${bytes.unreadable} unreadable ` +
        `bytes are the ${there} that are there`,
    );
    const stages = STAGES.filter(
      (name) => wanted.includes(name) || this.checks.some(({ stage }) => stage === name),
    ).map((name) => this.stage(name, files));
    return { stages, checks: this.checks, files, bytes, findings: this.findings };
  }

  private stage(name: StageName, files: readonly FileSums[]): StageReport {
    const checks = this.checks.filter(({ stage }) => stage === name);
    const own = files.filter(({ stage }) => stage === name);
    const status = WORST.find((each) => checks.some((check) => check.status === each)) ?? 'skipped';
    const worst = checks.find((check) => check.status === status);
    const counted = WORST.map((each) => ({
      each,
      n: checks.filter((c) => c.status === each).length,
    }))
      .filter(({ n }) => n > 0)
      .map(({ each, n }) => `${n} ${each}`)
      .join(', ');
    const quiet = status === 'ok' || status === 'skipped';
    const many = quiet ? counted : `${counted}: ${worst?.detail}`;
    const detail = checks.length === 1 ? worst?.detail : many;
    return {
      name,
      status,
      checks: checks.length,
      files: own.length,
      bytes: sumOf(own),
      detail: worst ? (detail ?? '') : NOTHING,
    };
  }
}

function sumOf(files: readonly FileSums[]): ByteSums {
  let { there, checked, skipped, unreadable } = NONE;
  for (const file of files) {
    there += file.there;
    checked += file.checked;
    skipped += file.skipped;
    unreadable += file.unreadable;
  }
  return { there, checked, skipped, unreadable };
}
