/**
 * `npm run bench`: every job of the speed contract against its anchor in the same run. Prints a table
 * and puts it into bench/RESULTS.md, between the marks; the rest of that file is written by hand.
 *
 *     node bench/run.mjs [--rounds N] [--only NAME,…] [--work DIR] [--no-write]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  boots,
  growth,
  memory,
  replay,
  scans,
  startUp,
  taskRunner,
  upgrade,
  verify,
  wal,
} from './jobs.mjs';
import { buildGo, bundleTask, hasGo, ROOT } from './prepare.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    work: { type: 'string', default: join(tmpdir(), 'ekv-bench') },
    'no-write': { type: 'boolean', default: false },
  },
});
const RESULTS = join(ROOT, 'bench', 'RESULTS.md');
const BEGIN = '<!-- what follows is written by npm run bench -->';
const END = '<!-- what went before is written by npm run bench -->';

const say = (text) => process.stderr.write(`bench: ${text}\n`);

mkdirSync(values.work, { recursive: true });
const small = join(values.work, 'small.snap');
writeFileSync(small, Buffer.alloc(1024, 'ekv '));
const task = taskRunner(await bundleTask(values.work));
const context = { work: values.work, small, rounds: Number(values.rounds), go: null, task };
if (hasGo()) context.go = buildGo(values.work);
else say('no Go here: anchors and nodes cannot be built; what needs them is left out');

const TABLES = [
  ['verify', verify, true],
  ['boots', boots, true],
  ['replay', replay, true],
  ['wal', wal, true],
  ['scans', scans, true],
  ['upgrade', upgrade, false],
  ['start-up', startUp, false],
  ['memory', memory, false],
];
const wanted = values.only?.split(',');
const isWanted = (name) => wanted === undefined || wanted.includes(name);

const loadBefore = loadavg()[0];
const rows = [];
for (const [name, job, needsGo] of TABLES) {
  if (!isWanted(name)) continue;
  if (needsGo && context.go === null) {
    rows.push([name, 'not run: no Go', '', '', '', null]);
    continue;
  }
  say(name);
  try {
    rows.push(...(await job(context)));
  } catch (error) {
    say(`${name}: ${error.message}`);
    rows.push([name, `failed: ${error.message.split('\n')[0]}`, '', '', '', false]);
  }
}
let slopes = [];
if (isWanted('growth') && context.go !== null) {
  say('growth');
  slopes = growth(context);
}

const line = (cells) => `| ${cells.join(' | ')} |`;
const mark = (met) => (met === null ? '–' : met ? 'met' : 'NOT met');
const table = (head, body) => [line(head), line(head.map(() => '---')), ...body.map(line)];
const [cpu] = cpus();
const text = [
  `Node ${process.version}, ${availableParallelism()} × ${cpu?.model.trim()}, ${values.rounds} rounds in turn,`,
  `load ${loadBefore.toFixed(1)} before and ${loadavg()[0].toFixed(1)} after.`,
  '',
  ...table(
    ['job', 'measured (median)', 'anchor', 'ratio to the anchor (min–max)', 'target', ''],
    rows.map((cells) => [...cells.slice(0, 5), mark(cells[5])]),
  ),
  '',
];
if (slopes.length > 0) {
  text.push(
    'CPU over three decades of size: 1,000, 10,000, 100,000 and 1,000,000 keys, a tenth as many entries;',
    'the exponent is fitted to the last three, where fixed costs no longer flatten it.',
    '',
    ...table(
      ['job', 'CPU ms', 'exponent', '≤ 1.05'],
      slopes.map(([name, ms, slope, met]) => [name, ms, slope, mark(met)]),
    ),
    '',
  );
}
process.stdout.write(`${text.join('\n')}\n`);

if (!values['no-write'] && wanted === undefined) {
  const old = readFileSync(RESULTS, 'utf8');
  const [before, rest] = old.split(BEGIN);
  const after = rest.split(END)[1];
  writeFileSync(RESULTS, `${before}${BEGIN}\n\n${text.join('\n')}\n${END}${after}`);
}
