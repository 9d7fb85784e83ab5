/**
 * The sidecar as a node writes it (spec/encryption.md §2): always version 2, all fields in a fixed
 * order, two-space indent, no final newline, `keys` sorted as strings.
 */
import type { Sidecar } from './sidecar.js';

export function encodeSidecar(sidecar: Sidecar): Uint8Array {
  const lines = [
    '{',
    '  "version": 2,',
    `  "raft_applied_index": ${sidecar.raftAppliedIndex},`,
    `  "storage_envelope_active": ${sidecar.storageEnvelopeActive},`,
    `  "storage_envelope_cutover_index": ${sidecar.storageEnvelopeCutoverIndex},`,
    `  "raft_envelope_cutover_index": ${sidecar.raftEnvelopeCutoverIndex},`,
    '  "active": {',
    `    "storage": ${sidecar.active.storage},`,
    `    "raft": ${sidecar.active.raft}`,
    '  },',
  ];
  const names = [...sidecar.keys.keys()].sort();
  if (names.length === 0) lines.push('  "keys": {}');
  else lines.push('  "keys": {', ...names.flatMap((name, i) => keyLines(sidecar, name, i)), '  }');
  const text = [...lines, '}'].join('\n');
  return new TextEncoder().encode(text);
}

function keyLines(sidecar: Sidecar, name: string, ordinal: number): readonly string[] {
  const key = sidecar.keys.get(name);
  if (key === undefined) return [];
  const last = ordinal === sidecar.keys.size - 1;
  return [
    `    ${goString(name)}: {`,
    `      "purpose": ${goString(key.purpose)},`,
    `      "wrapped": "${Buffer.from(key.wrapped).toString('base64')}",`,
    `      "created": ${goString(key.created)},`,
    `      "local_epoch": ${key.localEpoch}`,
    `    }${last ? '' : ','}`,
  ];
}

/** Go's encoder also escapes what could end an HTML script. */
function goString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
