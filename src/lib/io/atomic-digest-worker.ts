import { parentPort, workerData } from 'node:worker_threads';
import type { Piece } from './atomic-content.js';
import { digestContent } from './atomic-digest.js';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has none
parentPort?.postMessage((workerData as readonly Piece[][]).map(digestContent));
