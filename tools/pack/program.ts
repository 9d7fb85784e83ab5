/** The program of a checkout: what `bin/run.js` runs, laid out as in the tarball. */
import { dirname, join, resolve } from 'node:path';
import { loadProgram } from '../generate/commands.js';
import { layOut } from './layout.js';

const BUILT = resolve(import.meta.dirname, '..', '..');
const ROOT = dirname(BUILT);

await layOut(await loadProgram(ROOT, BUILT), ROOT, BUILT, join(BUILT, 'program'));
