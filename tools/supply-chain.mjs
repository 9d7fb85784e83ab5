/**
 * What is shipped besides our own code: THIRD_PARTY.md (licences, with their texts) and
 * sbom.cdx.json (CycloneDX 1.5), out of package-lock.json and node_modules. The same lock file gives
 * the same bytes. `--check` writes nothing and fails where a file is stale.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Licences that may be shipped with Apache-2.0 code without further thought. */
export const ACCEPTED = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
];
/** `A OR B`: we take the first that is accepted. */
const CHOICE = /\s+OR\s+/;

function readJson(...path) {
  return JSON.parse(readFileSync(join(ROOT, ...path), 'utf8'));
}

/** Licence texts are wrapped and spaced in many ways; the words count. */
function tidied(text) {
  return text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
}

function licenceText(path) {
  const names = readdirSync(join(ROOT, path)).sort();
  const name = names.find((each) => /^(?:licen[cs]e|copying)(?:[.-](?:md|txt|mit))?$/i.test(each));
  return name === undefined ? undefined : tidied(readFileSync(join(ROOT, path, name), 'utf8'));
}

/** Everything npm installs for a user: neither development nor optional. */
export function shippedPackages() {
  const { packages } = readJson('package-lock.json');
  const shipped = [];
  for (const [path, entry] of Object.entries(packages)) {
    if (path === '' || entry.dev || entry.devOptional || entry.optional) continue;
    const name = path.replace(/^.*node_modules\//, '');
    const present = existsSync(join(ROOT, path, 'package.json'));
    const manifest = present ? readJson(path, 'package.json') : {};
    const stated = entry.license ?? manifest.license ?? 'unknown';
    const choice = stated.replaceAll(/[()]/g, '').split(CHOICE);
    shipped.push({
      path,
      name,
      version: entry.version,
      licence: choice.find((each) => ACCEPTED.includes(each)) ?? stated,
      stated,
      integrity: entry.integrity,
      hasInstallScript: entry.hasInstallScript === true,
      text: present ? licenceText(path) : undefined,
    });
  }
  const order = (a, b) => (a.path < b.path ? -1 : 1);
  return shipped.sort((a, b) => (a.name === b.name ? order(a, b) : a.name < b.name ? -1 : 1));
}

function purlOf({ name, version }) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** npm's integrity is base64, CycloneDX wants hex. */
function hashesOf({ integrity }) {
  const [algorithm, value] = (integrity ?? '').split('-', 2);
  if (algorithm !== 'sha512') return [];
  return [{ alg: 'SHA-512', content: Buffer.from(value, 'base64').toString('hex') }];
}

export function sbomText(packages = shippedPackages()) {
  const own = readJson('package.json');
  const seen = new Set();
  const components = [];
  for (const each of packages) {
    const purl = purlOf(each);
    if (seen.has(purl)) continue;
    seen.add(purl);
    components.push({
      type: 'library',
      'bom-ref': purl,
      name: each.name,
      version: each.version,
      licenses: [{ license: { id: each.licence } }],
      purl,
      hashes: hashesOf(each),
    });
  }
  const digest = createHash('sha256').update(JSON.stringify(components)).digest('hex');
  const uuid = /^(.{8})(.{4})(.{4})(.{4})(.{12})/.exec(digest).slice(1).join('-');
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${uuid}`,
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': `pkg:npm/${own.name}@${own.version}`,
        name: own.name,
        version: own.version,
        licenses: [{ license: { id: own.license } }],
      },
    },
    components,
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

export function thirdPartyText(packages = shippedPackages()) {
  const lines = [
    '# Third-party software',
    '',
    'Everything that npm installs with `ekv`, with the licences it comes under. Written by',
    '`npm run supply-chain`; a test fails when it is stale. None of it runs anything on installation.',
    '',
    '| package | version | licence |',
    '|---|---|---|',
  ];
  const seen = new Set();
  const byText = new Map();
  for (const each of packages) {
    const id = `${each.name} ${each.version}`;
    if (seen.has(id)) continue;
    seen.add(id);
    lines.push(`| ${each.name} | ${each.version} | ${each.licence} |`);
    const text = each.text ?? `(The package states ${each.licence} and carries no text of it.)`;
    byText.set(text, [...(byText.get(text) ?? []), id]);
  }
  lines.push('', 'The WebAssembly in `@bokuweb/zstd-wasm` is Zstandard, BSD-3-Clause.', '');
  for (const [text, ids] of byText) {
    lines.push(`## ${ids.join(', ')}`, '', '```', text.replaceAll('```', "'''"), '```', '');
  }
  return lines.join('\n');
}

const FILES = { 'THIRD_PARTY.md': thirdPartyText, 'sbom.cdx.json': sbomText };

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, render] of Object.entries(FILES)) {
    const path = join(ROOT, name);
    const text = render();
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    if (process.argv.includes('--check')) {
      process.stderr.write(`${name} is stale: npm run supply-chain\n`);
      process.exitCode = 1;
    } else writeFileSync(path, text);
  }
}
