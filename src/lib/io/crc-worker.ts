import { workerData } from 'node:worker_threads';
import { workOnPieces, type CrcJob } from './crc-pieces.js';

workOnPieces(workerData as CrcJob);
