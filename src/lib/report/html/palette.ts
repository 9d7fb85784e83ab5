/** The colours of a report. Every pair that carries text reaches 4.5 : 1; the test computes it. */
export const PALETTES = {
  light: {
    bg: '#ffffff',
    panel: '#f3f5f8',
    fg: '#1b1f24',
    muted: '#525a64',
    accent: '#0a5299',
    line: '#c3cad2',
    good: '#176329',
    attention: '#7a4b00',
    bad: '#ab1c18',
    unknown: '#5b3ea8',
    log: '#2f6db3',
    open: '#a9c6e6',
    store: '#2d7d46',
    again: '#b98a2c',
    fresh: '#8a4fbf',
  },
  dark: {
    bg: '#0f1419',
    panel: '#191f27',
    fg: '#e6edf3',
    muted: '#a3b0bd',
    accent: '#79bdff',
    line: '#3b444e',
    good: '#63d27e',
    attention: '#e6b84a',
    bad: '#ff9089',
    unknown: '#c7acff',
    log: '#4f94dd',
    open: '#2c4763',
    store: '#4ba968',
    again: '#c79a3f',
    fresh: '#a87be0',
  },
} as const;

export type Palette = (typeof PALETTES)[keyof typeof PALETTES];

/** Names of the colours that text is set in, on `bg` and on `panel`. */
export const TEXT_COLOURS = [
  'fg',
  'muted',
  'accent',
  'good',
  'attention',
  'bad',
  'unknown',
] as const satisfies readonly (keyof Palette)[];

/** Names of the colours that areas are drawn in; the text beside them says the same. */
export const AREA_COLOURS = [
  'log',
  'open',
  'store',
  'again',
  'fresh',
] as const satisfies readonly (keyof Palette)[];
