import { parentPort, workerData } from 'node:worker_threads';
import { overrideLimits } from '../lib/core/limits.js';
import { EntryFilter } from '../lib/replay/entry-filter.js';
import { EntryUnpacker } from '../lib/replay/packed-entries.js';
import type { ListingAnswer, ListingJob, ListingRequest } from './listing-thread.js';
import { ReplayListing } from './replay-listing.js';

const { filter, valueBytes, limits } = workerData as ListingJob;
overrideLimits(limits);

const listing = new ReplayListing({
  filter: new EntryFilter(filter),
  allowEmpty: true,
  form: 'ndjson',
  valueBytes,
  write: () => undefined,
  writeBytes: () => Promise.resolve(),
});
const unpacker = new EntryUnpacker(listing);

function answer(message: ListingAnswer, transfer: readonly ArrayBuffer[]): void {
  parentPort?.postMessage(message, transfer);
}

parentPort?.on('message', (request: ListingRequest) => {
  if (request === 'finish') {
    answer({ sums: listing.sums }, []);
    return;
  }
  try {
    unpacker.unpack(request);
  } catch {
    answer({ failed: request }, [request.memory]);
    return;
  }
  const lines = listing.takeLines();
  answer({ lines, memory: request.memory }, [lines.buffer, request.memory]);
});
