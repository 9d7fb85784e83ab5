/** The program's own: `help` is asked for beside the probes. */
export { default } from '../../../src/commands/help.js';
