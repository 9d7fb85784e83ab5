import { parentPort } from 'node:worker_threads';
import type { DigestAnswer, DigestRequest } from './digest-thread.js';
import { eachPair } from './pair-chunk.js';
import { PairLines } from './pair-lines.js';

const lines = new PairLines();

function answer(message: DigestAnswer, transfer: readonly ArrayBuffer[]): void {
  parentPort?.postMessage(message, transfer);
}

parentPort?.on('message', (request: DigestRequest) => {
  if (request === 'finish') {
    answer(lines.finish(), []);
    return;
  }
  eachPair(request, (key, value) => lines.add(key, value));
  answer(request.buffer, [request.buffer]);
});
