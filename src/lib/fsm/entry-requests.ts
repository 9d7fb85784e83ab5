import type { ByteString } from '../bytes/byte-string.js';
import { META_RECORD_PREFIX } from '../txn/keys.js';
import type { PayloadTag } from './payload.js';
import { decodeRaftCommand, decodeRequest } from './request-proto.js';
import type { Request } from './request.js';

/**
 * The requests that a payload of this tag carries (spec/fsm-apply.md §2): possibly none for a batch.
 * Mutations look at the payload when they are asked for a key or a value.
 *
 * @returns null where the payload does not parse, or where its tag stands for no requests
 */
export function requestsOf(tag: PayloadTag, payload: Uint8Array): readonly Request[] | null {
  switch (tag) {
    case 'single':
      return single(decodeRequest(payload, 1));
    case 'batch':
      return decodeRaftCommand(payload, 1);
    case 'legacy':
      return decodeLegacy(payload);
    default:
      return null;
  }
}

function single(request: Request | null): Request[] | null {
  return request === null ? null : [request];
}

/** A batch if it parses as one and has requests, else a single request. */
function decodeLegacy(payload: Uint8Array): Request[] | null {
  const requests = decodeRaftCommand(payload, 0);
  if (requests !== null && requests.length > 0) return requests;
  return single(decodeRequest(payload, 0));
}

/** The first mutated key that is not a meta record: by it a request is shown. */
export function shownKeyOf({ mutations }: Request): ByteString | null {
  for (const { key } of mutations) if (!key.startsWith(META_RECORD_PREFIX)) return key;
  return null;
}
