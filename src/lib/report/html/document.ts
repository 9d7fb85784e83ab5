/**
 * The report as one file: no network, no other file, the same bytes for the same data. Its policy
 * lets this very style and script run and nothing else, so that no text from a disk can do anything.
 */
import { escapeHtml } from './escape.js';
import type { HtmlReport, Tone } from './model.js';
import { SCRIPT } from './script.js';
import { sectionBody } from './sections.js';
import { STYLE } from './style.js';

/** SHA-256 of the style sheet and of the script; a test says what they have to be. */
export const STYLE_SHA256 = 'JH9LO4w+pk5drmO3ykCckLGu2sE7L4xjSkZxquiv3Zk=';
export const SCRIPT_SHA256 = '2Tgyn9B98dzuzUo2OOzjva3kMHX9VuVPeSjBpOfefxE=';

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_SHA256}'`,
  `script-src 'sha256-${SCRIPT_SHA256}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const SIGNS: Readonly<Record<Tone, string>> = {
  good: '✓',
  attention: '!',
  bad: '✗',
  unknown: '?',
};

export function renderHtml(report: HtmlReport): string {
  const { tool, command, inputs, verdict, exitCode, exitMeans, sections } = report;
  const title = `${verdict.word}: ${command} ${inputs.join(' ')}`;
  const madeBy = `Made by ${tool.name} ${tool.version}, offline, from files that it only read.`;
  const links = sections.map(
    (section, i) => `<li><a href="#s${i + 1}">${escapeHtml(section.title)}</a></li>`,
  );
  const bodies = sections.map(
    (section, i) =>
      `<section aria-labelledby="s${i + 1}">` +
      `<h2 id="s${i + 1}">${escapeHtml(section.title)}</h2>\n${sectionBody(section)}</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header>
<h1>${escapeHtml([tool.name, command, ...inputs].join(' '))}</h1>
<p class="verdict ${verdict.tone}">
<strong>${SIGNS[verdict.tone]} ${escapeHtml(verdict.word)}</strong>
<span>${escapeHtml(verdict.text)} (exit status ${exitCode}: ${escapeHtml(exitMeans)})</span></p>
<nav aria-label="Sections"><ul>${links.join('')}</ul></nav>
</header>
<main id="main" tabindex="-1">
${bodies.join('\n')}
</main>
<footer>${escapeHtml(madeBy)}</footer>
<script>${SCRIPT}</script>
</body>
</html>
`;
}
