/** What the two output streams can show, decided for each on its own. */

export interface ColourWish {
  readonly isTTY: boolean;
  /** `--color` or `--no-color`; a flag beats every variable. */
  readonly flag: boolean | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function colourWanted({ isTTY, flag, env }: ColourWish): boolean {
  if (flag !== undefined) return flag;
  // no-color.org: any value that is not empty.
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  if (env['TERM'] === 'dumb') return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTTY;
}

/**
 * Whether a spinner can be drawn. A terminal that does not tell its width (a serial console, a pty
 * without a size) makes ora divide by zero and erase lines for ever.
 */
export function canRedraw(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: ColourWish['env'],
): boolean {
  return stream.isTTY === true && (stream.columns ?? 0) > 0 && env['TERM'] !== 'dumb';
}

const REPORT_WIDTH = 100;
const NARROWEST_REPORT = 40;

/** Columns of a report: 100, or the terminal's own where that is narrower. A pipe has 100. */
export function reportWidth(stream: {
  readonly isTTY?: boolean;
  readonly columns?: number;
}): number {
  const columns = stream.isTTY === true ? (stream.columns ?? 0) : 0;
  if (columns <= 0) return REPORT_WIDTH;
  return Math.max(NARROWEST_REPORT, Math.min(REPORT_WIDTH, columns));
}

/**
 * Whether block characters arrive as such: on a terminal whose locale says UTF-8 (on Windows every
 * terminal that is still maintained shows them). Everything else gets ASCII, so that what is piped,
 * pasted or compared is the same everywhere.
 */
export function canShowBlocks(
  stream: { readonly isTTY?: boolean },
  env: ColourWish['env'],
  platform: NodeJS.Platform,
): boolean {
  if (stream.isTTY !== true || env['TERM'] === 'dumb' || env['TERM'] === 'linux') return false;
  if (platform === 'win32') return true;
  const names = ['LC_ALL', 'LC_CTYPE', 'LANG'] as const;
  const locale = names.map((name) => env[name] ?? '').find((value) => value !== '') ?? '';
  return /utf-?8/i.test(locale);
}

/** Output forms: text for people, one JSON document, or one record a line. */
export type OutputMode = 'text' | 'json' | 'ndjson';

export interface EarlyFlags {
  readonly mode: OutputMode;
  readonly colour: boolean | undefined;
}

/**
 * The two decisions that even a command line that does not parse must honour, read straight from
 * the words: an error has to come out in the form that was asked for.
 */
export function earlyFlags(argv: readonly string[]): EarlyFlags {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  const colour = words.findLast((word) => word === '--color' || word === '--no-color');
  const format = words.lastIndexOf('--format');
  const ndjson =
    words.includes('--format=ndjson') || (format >= 0 && words[format + 1] === 'ndjson');
  return {
    mode: ndjson ? 'ndjson' : words.includes('--json') ? 'json' : 'text',
    colour: colour === undefined ? undefined : colour === '--color',
  };
}
