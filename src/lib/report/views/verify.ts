/** The books of a verification, as text and JSON. */
import type { ByteSums, CheckStatus, VerifyReport } from '../../verify/ledger.js';
import { countText } from '../sizes.js';
import type { Section } from './section.js';

const STATUS_TEXT: Readonly<Record<CheckStatus, string>> = {
  ok: 'ok',
  damaged: 'DAMAGED',
  attention: 'attention',
  unreadable: 'UNREADABLE',
  skipped: 'skipped',
};

/** `4,096 B there = 4,000 checked + 96 skipped + 0 unreadable`. */
export function bytesText({ there, checked, skipped, unreadable }: ByteSums): string {
  return (
    `${countText(there)} B there = ${countText(checked)} checked + ` +
    `${countText(skipped)} skipped + ${countText(unreadable)} unreadable`
  );
}

export function checksText({ checks, findings }: VerifyReport): string {
  const count = (status: CheckStatus): number =>
    checks.filter((check) => check.status === status).length;
  const compared = checks.length - count('skipped');
  const parts = [`${countText(count('ok'))} of ${countText(compared)} checks hold`];
  if (count('skipped') > 0) parts.push(`${countText(count('skipped'))} skipped`);
  // What is missing has no checksum that could fail.
  const besides = compared === count('ok') && findings.some(({ severity }) => severity !== 'note');
  return parts.join(', ') + (besides ? '; but see below' : '');
}

export function stageSection({ stages, bytes }: VerifyReport): Section {
  return {
    columns: [
      { title: 'stage' },
      { title: 'status' },
      { title: 'checks', align: 'right' },
      { title: 'checked', align: 'right' },
      { title: 'skipped', align: 'right' },
      { title: 'unreadable', align: 'right' },
      { title: 'detail' },
    ],
    rows: [
      ...stages.map((stage) => [
        stage.name,
        stage.checks === 0 ? 'none' : STATUS_TEXT[stage.status],
        countText(stage.checks),
        countText(stage.bytes.checked),
        countText(stage.bytes.skipped),
        countText(stage.bytes.unreadable),
        stage.detail,
      ]),
      [
        'all bytes',
        '',
        '',
        countText(bytes.checked),
        countText(bytes.skipped),
        countText(bytes.unreadable),
        `${countText(bytes.there)} B there`,
      ],
    ],
  };
}

/** Every check on its own. */
export function checkSection({ checks }: VerifyReport): Section | undefined {
  if (checks.length === 0) return undefined;
  return {
    title: 'Checks',
    columns: [{ title: 'stage' }, { title: 'status' }, { title: 'file' }, { title: 'detail' }],
    rows: checks.map(({ stage, file, status, detail }) => [
      stage,
      STATUS_TEXT[status],
      file,
      detail,
    ]),
  };
}

function bytesJson({ there, checked, skipped, unreadable }: ByteSums): object {
  return {
    there: BigInt(there),
    checked: BigInt(checked),
    skipped: BigInt(skipped),
    unreadable: BigInt(unreadable),
  };
}

export function verifyJson(report: VerifyReport): object {
  return {
    bytes: bytesJson(report.bytes),
    stages: report.stages.map(({ name, status, checks, files, bytes, detail }) => ({
      name,
      status,
      checks,
      files,
      bytes: bytesJson(bytes),
      detail,
    })),
    checks: report.checks,
    files: report.files.map((sums) => ({
      file: sums.file,
      stage: sums.stage,
      ...bytesJson(sums),
    })),
  };
}
