/** What the commands that write have in common on a page: headline, files, predictions. */
import type { Target } from '../../io/atomic-target.js';
import type { TreeFile } from '../../io/atomic-tree.js';
import type { ManifestFile } from '../../write/manifest.js';
import type { Prediction } from '../../write/prediction.js';
import { countText, exactSizeText, plural, sizeText } from '../sizes.js';
import type { Theme } from '../theme.js';
import { wrapText } from '../wrap.js';

export function headlineOf(written: boolean, output: string, theme: Theme): string {
  if (written)
    return `${theme.good('WRITTEN')}  ${output} is complete and was read back byte for byte`;
  return `${theme.attention('PLAN')}  nothing has been written; --yes writes ${output}`;
}

export interface PlannedRow {
  readonly path: string;
  readonly size: number;
  readonly how: 'write' | 'link' | 'copy';
}

export function planFileRows(files: readonly TreeFile[]): PlannedRow[] {
  return files.map(({ path, content }) => {
    if (content.kind === 'pieces') return { path, size: sizeOf(content.pieces), how: 'write' };
    return { path, size: content.size, how: content.linkable ? 'link' : 'copy' };
  });
}

/** Planned or written, as the JSON result lists them. */
export function fileRecords(files: readonly (PlannedRow | ManifestFile)[]): object[] {
  return files.map((file) => {
    const { path, size, how } = file;
    return { path, size: String(size), how, sha256: 'sha256' in file ? file.sha256 : null };
  });
}

type Pieces = Extract<TreeFile['content'], { kind: 'pieces' }>['pieces'];

function sizeOf(pieces: Pieces): number {
  return pieces.reduce(
    (sum, piece) => sum + (piece.kind === 'bytes' ? piece.bytes.length : piece.length),
    0,
  );
}

/** Files in the order of the plan, at most a few lines; then the manifest. */
export function writtenSummary(
  planned: readonly TreeFile[],
  made: readonly ManifestFile[] | null,
  target: Pick<Target, 'manifestShown' | 'kind' | 'shown'>,
): string[] {
  const rows = planFileRows(planned);
  const lines = [''];
  for (const { path, size } of rows.filter(({ how }) => how === 'write')) {
    const shown = target.kind === 'file' ? target.shown : path;
    const sha = made?.find((file) => file.path === path || file.path === shown)?.sha256;
    lines.push(`${made === null ? 'to write' : 'written '}  ${shown}  ${exactSizeText(size)}`);
    if (sha !== undefined && sha !== null) lines.push(`          sha256 ${sha}`);
  }
  const kept = rows.filter(({ how }) => how !== 'write');
  if (kept.length > 0) lines.push(keptLine(kept, made));
  if (made !== null) lines.push(`manifest  ${target.manifestShown}`);
  return lines;
}

function keptLine(kept: readonly PlannedRow[], made: readonly ManifestFile[] | null): string {
  const isLinked = ({ path, how }: PlannedRow): boolean =>
    made === null
      ? how === 'link'
      : made.some((file) => file.path === path && file.how === 'linked');
  const linked = kept.filter(isLinked);
  const copied = kept.filter((row) => !isLinked(row));
  const bytes = copied.reduce((sum, { size }) => sum + size, 0);
  const parts = [
    `${countText(linked.length)} linked (never written again by a node)`,
    `${plural(copied.length, 'file')} copied (${sizeText(bytes)})`,
  ];
  return `unchanged ${parts.join(', ')}`;
}

export function predictionRows(
  predictions: readonly { original: Prediction | undefined; result: Prediction }[],
): string[][] {
  return predictions.map(({ original, result }) => {
    const row: string[] = [result.generation];
    if (original !== undefined) row.push(shortText(original));
    row.push(shortText(result));
    return row;
  });
}

function shortText({ report }: Prediction): string {
  const { verdict, refusal } = report;
  const [name] = refusal?.errors ?? [];
  return name === undefined ? verdict : `${verdict} (${name})`;
}

/** The nodes' words for each refusal of the original, said once; the result's are findings. */
export function refusalLines(
  predictions: readonly { original: Prediction | undefined }[],
  width: number,
): string[] {
  const texts = predictions.map(({ original }) => original?.report.refusal?.message);
  const said = new Set(texts.filter((text) => text !== undefined));
  return [...said].flatMap((text) => wrapText(`the original refuses: ${text}`, width));
}
