import { parentPort, workerData } from 'node:worker_threads';
import { workOnPieces, type CrcJob } from './crc-pieces.js';

workOnPieces(workerData as CrcJob);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has none
parentPort?.postMessage('done');
