/** The style sheet: no font and no picture from anywhere else, light, dark and on paper. */
import { PALETTES, type Palette } from './palette.js';

function variables(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');
}

const LAYOUT = `
*{box-sizing:border-box}
html{background:var(--bg);color:var(--fg);
  font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
body{margin:0 auto;max-width:76rem;padding:1.5rem 1.25rem 4rem}
a{color:var(--accent)}
a:focus-visible,button:focus-visible,input:focus-visible,.scroll:focus-visible{
  outline:3px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-100rem;top:0;background:var(--bg);padding:.5rem 1rem;z-index:2}
.skip:focus{left:.5rem;top:.5rem}
h1{font-size:1.05rem;font-weight:600;margin:0 0 .75rem;color:var(--muted);overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.5rem 0 .75rem;padding-bottom:.25rem;
  border-bottom:1px solid var(--line)}
p{margin:.5rem 0;max-width:60rem}.verdict{max-width:none}
code,.code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;
  font-size:.9em;overflow-wrap:anywhere}
pre{background:var(--panel);border:1px solid var(--line);border-radius:4px;padding:.6rem .8rem;
  margin:.4rem 0;white-space:pre-wrap}
.verdict{border-left:.5rem solid currentColor;background:var(--panel);padding:.9rem 1.1rem;
  border-radius:4px}
.verdict strong{display:block;font-size:1.6rem;line-height:1.2}
.verdict span{color:var(--fg)}
.good{color:var(--good)}.attention{color:var(--attention)}.bad{color:var(--bad)}.unknown{
  color:var(--unknown)}
.muted{color:var(--muted)}
nav ul{list-style:none;margin:1rem 0 0;padding:0;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.3rem 1.25rem;margin:0}
dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.94rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line);
  overflow-wrap:break-word}
thead th{border-bottom:2px solid var(--line);white-space:nowrap}
td.code{white-space:nowrap}
.right{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tbody tr:nth-child(even){background:var(--panel)}
th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;
  text-align:inherit}
th button::after{content:" \\2195";color:var(--muted)}
th[aria-sort=ascending] button::after{content:" \\2191"}
th[aria-sort=descending] button::after{content:" \\2193"}
.filter{margin:.4rem 0;display:flex;gap:.6rem;align-items:center;flex-wrap:wrap}
.filter input{font:inherit;color:var(--fg);background:var(--bg);border:1px solid var(--muted);
  border-radius:4px;padding:.25rem .5rem;min-width:16rem}
.finding{border-left:.3rem solid currentColor;padding:.1rem 0 .1rem .9rem;margin:0 0 1.1rem}
.finding p,.finding pre{color:var(--fg)}
.finding h3{font-size:1rem;margin:0}
ol.steps>li{margin-bottom:.9rem;padding-left:.25rem}
figure{margin:0}
svg{display:block;width:100%;height:auto;min-width:44rem}
svg text{fill:var(--fg);font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
svg .letter{font-weight:700;font-size:15px}
svg .dim{fill:var(--muted)}
svg .axis{stroke:var(--line)}
svg .log{fill:var(--log)}svg .open{fill:var(--open);stroke:var(--log);stroke-dasharray:3 2}
svg .store{fill:var(--store)}svg .again{fill:var(--again)}svg .fresh{fill:var(--fresh)}
svg .mark{fill:var(--fg)}svg .other{fill:var(--bg);stroke:var(--fg)}svg .cut{stroke:var(--bg);
  stroke-width:2}
figcaption{color:var(--muted);font-size:.92rem;margin-top:.5rem}
footer{margin-top:3rem;color:var(--muted);font-size:.9rem}
[hidden]{display:none!important}`;

const PRINT = `
@page{margin:14mm}
html{font-size:11px}
body{max-width:none;padding:0}
nav,.filter,.skip,th button::after{display:none!important}
h2{break-after:avoid}
tr,.finding,figure,ol.steps>li,pre{break-inside:avoid}
thead{display:table-header-group}
.scroll{overflow:visible}
svg{min-width:0}
td.code{white-space:normal;word-break:break-word}
table{font-size:10px}
tr[hidden]{display:table-row!important}
.verdict,pre,tbody tr:nth-child(even){background:none;border-color:#888}
.verdict{border-left-color:currentColor}`;

/** On paper the light colours stand, whatever the reader's screen. */
export const STYLE = [
  `:root{color-scheme:light dark;${variables(PALETTES.light)}}`,
  `@media screen and (prefers-color-scheme:dark){:root{${variables(PALETTES.dark)}}}`,
  LAYOUT.trim(),
  `@media print{${PRINT.trim()}}`,
].join('\n');
