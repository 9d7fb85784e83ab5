/** `replay-wal` on a page: with a data dir what the boot does, without one what the log holds. */
import type { Finding } from '../../core/finding.js';
import type { BootReport } from '../../engine/boot-report.js';
import type { Landmarks } from '../../engine/landmarks.js';
import { findingsCountText } from '../finding-text.js';
import type { HtmlReport, Section } from '../html/model.js';
import { plural } from '../sizes.js';
import { indexLineOf } from './boot-line.js';
import { VERDICT_TONES, verdictText } from './dry-run-html.js';
import { basisFields, endFields, refusalFields } from './dry-run.js';
import { entrySections, type EntrySheet } from './entry-html.js';

export type ReplayBody = Pick<HtmlReport, 'inputs' | 'verdict' | 'sections'>;

function findingsSection(findings: readonly Finding[]): Section {
  return { kind: 'findings', title: `Findings: ${findingsCountText(findings)}`, findings };
}

export function bootReplayBody(
  path: string,
  boot: BootReport,
  landmarks: Landmarks,
  findings: readonly Finding[],
  sheet: EntrySheet,
): ReplayBody {
  return {
    inputs: [path],
    verdict: {
      word: boot.verdict.toUpperCase(),
      text: verdictText(boot),
      tone: VERDICT_TONES[boot.verdict],
    },
    sections: [
      findingsSection(findings),
      { kind: 'index-line', title: 'Index line', line: indexLineOf(boot, landmarks) },
      {
        kind: 'fields',
        title: 'What it rests on',
        fields: [...refusalFields(boot), ...basisFields(boot)],
      },
      { kind: 'fields', title: 'Where the boot ends', fields: endFields(boot) },
      ...entrySections(sheet),
    ],
  };
}

export function logReplayBody(
  paths: readonly string[],
  findings: readonly Finding[],
  sheet: EntrySheet,
): ReplayBody {
  const bad = findings.some(({ severity }) => severity === 'error');
  return {
    inputs: paths,
    verdict: {
      word: bad ? 'DAMAGED' : 'READ',
      text: `${plural(sheet.count, 'entry', 'entries')}; no boot is followed`,
      tone: bad ? 'bad' : 'good',
    },
    sections: [findingsSection(findings), ...entrySections(sheet)],
  };
}
