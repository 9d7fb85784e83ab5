/** A process that runs one writer and kills itself right before one of its file operations. */
import { runWriter, type WriterName } from './writers.js';

const [writer = '', root = '', output = '', point = ''] = process.argv.slice(2);
await runWriter(writer as WriterName, root, output, ({ nth }) => {
  if (nth === Number(point)) process.kill(process.pid, 'SIGKILL');
});
