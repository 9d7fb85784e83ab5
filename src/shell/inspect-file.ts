/** One file of each kind: the module that reads it is loaded when it is needed. */
import { dirname, join } from 'node:path';
import type { Finding } from '../lib/core/finding.js';
import { UsageError } from '../lib/core/errors.js';
import { FileSource, FsDir } from '../lib/io/file-source.js';
import type { Kek } from '../lib/encryption/kek.js';
import type { Field } from '../lib/snapshot/field.js';
import { plural } from '../lib/report/sizes.js';
import type { FileSubject } from './inspect-subject.js';
import { storeFlag, type Inspected, type InspectWishes } from './inspected.js';

type Inspector = (subject: FileSubject, wishes: InspectWishes) => Promise<Inspected>;

const INSPECTORS: Readonly<Record<FileSubject['kind'], Inspector>> = {
  'fsm-file': (subject, wishes) => fsm(subject, wishes, true),
  'payload-file': (subject, wishes) => fsm(subject, wishes, false),
  'snap-file': snap,
  'wal-segment': wal,
  'peers-file': peers,
  'legacy-state': legacy,
  'legacy-meta': legacy,
  'legacy-entries': legacy,
  sidecar,
  'engine-marker': marker,
  'pebble-table': table,
  'pebble-blob': blob,
};

/** @throws {IoError} the file cannot be read; whatever its bytes say is a finding */
export async function inspectFile(subject: FileSubject, wishes: InspectWishes): Promise<Inspected> {
  const { kind, path } = subject;
  const flag = storeFlag(wishes);
  if (flag !== undefined && !STORES.includes(kind)) {
    throw new UsageError('usage-bad-flag', `${flag} needs a store: ${path} is a ${kind}`);
  }
  const inspected = await INSPECTORS[kind](subject, wishes);
  const known = inspected.findings.some(({ severity }) => severity === 'error');
  const first = recognition(subject).filter(({ code }) => code !== 'inspect-empty' || !known);
  return { ...inspected, findings: [...first, ...inspected.findings] };
}

const STORES: readonly string[] = ['fsm-file', 'payload-file', 'snap-file'];

function recognition({ path, source, kind, by, nameSays }: FileSubject): Finding[] {
  if (nameSays !== undefined) {
    const message = `the name says ${nameSays}, the bytes are those of a ${kind}`;
    return [{ code: 'inspect-name-differs', severity: 'warning', file: path, message }];
  }
  if (source.size === 0 && by === 'name' && kind !== 'engine-marker') {
    const message = 'the file is empty';
    // The last segment may have been made just before a crash.
    const severity = kind === 'wal-segment' ? 'warning' : 'error';
    return [{ code: 'inspect-empty', severity, file: path, offset: 0, message }];
  }
  return [];
}

async function fsm(
  { path, name, source, by }: FileSubject,
  { pace, hexdump, digest, depth, top, key }: InspectWishes,
  container: boolean,
): Promise<Inspected> {
  const { inspectFsmFile, restoredView, tokenBeside } = await import('../lib/inspect/fsm.js');
  const { fsmHeadline, fsmJson, fsmSections } = await import('../lib/report/views/inspect-fsm.js');
  const { scanJson, scanSections } = await import('../lib/report/views/inspect-store.js');
  const snapDir = new FsDir(join(dirname(path), '..', 'snap'));
  const found = container ? await tokenBeside(snapDir, name, pace) : undefined;
  pace.phase(`reading ${name}`, source.size);
  const report = await inspectFsmFile(source, { container, found, pace });
  const findings = [...report.findings];
  let scan;
  if (digest || depth !== undefined || key !== undefined) {
    const { scanStore } = await import('../lib/inspect/store-scan.js');
    pace.phase(`scanning ${name}`);
    const view = await restoredView(source, container, pace);
    scan = view && (await scanStore(view, { digest, depth, key, count: false, pace }));
    if (scan?.fault) findings.push(scan.fault);
  }
  let fields: Field[] = [];
  if (hexdump && (by === 'content' || report.header?.form !== 'legacy')) {
    const { fsmFields } = await import('../lib/inspect/regions.js');
    fields = fsmFields(source, report);
  }
  return {
    headline: fsmHeadline(report),
    json: { ...fsmJson(report, found), ...scanJson({ scan, top }) },
    sections: [...fsmSections(report, found), ...scanSections({ scan, top })],
    findings,
    regions: await regions(source, fields),
  };
}

async function regions(
  source: FileSubject['source'],
  fields: readonly Field[],
): Promise<Inspected['regions']> {
  if (fields.length === 0) return [];
  const { regionsOf } = await import('../lib/inspect/regions.js');
  return regionsOf(source, fields);
}

async function snap(subject: FileSubject, wishes: InspectWishes): Promise<Inspected> {
  const { name, source } = subject;
  const { readSnap } = await import('../lib/inspect/snap.js');
  const views = await import('../lib/report/views/inspect-small.js');
  const report = await readSnap(source, name, wishes.pace);
  const findings = [...report.findings];
  const shown = {
    headline: views.snapHeadline(report),
    regions: wishes.hexdump ? await regions(source, report.fields) : [],
  };
  const sections = views.snapSections(report);
  const json = views.snapJson(report);
  if (report.inline === undefined) return { ...shown, json, sections, findings };
  const inside = { ...subject, source: report.inline, by: 'content' as const };
  const payload = await fsm(inside, { ...wishes, hexdump: false }, false);
  const [first, ...rest] = payload.sections;
  const title = { title: 'Payload inside', ...first };
  findings.push(...payload.findings);
  return {
    ...shown,
    json: { ...json, inline: payload.json },
    sections: [...sections, ...(first ? [title as typeof first] : []), ...rest],
    findings,
  };
}

async function wal(
  { path, name, source, by }: FileSubject,
  { pace, hexdump }: InspectWishes,
): Promise<Inspected> {
  const { passWal } = await import('../lib/inspect/wal-pass.js');
  const { PROTO_37 } = await import('../lib/proto/dialect.js');
  const views = await import('../lib/report/views/inspect-wal.js');
  pace.phase(`reading ${name}`, source.size);
  const options = { dialect: PROTO_37, pace, whole: false, fileOf: () => path };
  const pass = await passWal([{ name, source }], options);
  const [segment] = pass.segments;
  const findings = [...pass.findings];
  if (segment && segment.goodBytes === 0 && segment.rest?.zeros === true) {
    const message = 'there is no record in it: all zeros';
    findings.push({ code: 'inspect-zeros', severity: 'warning', file: path, offset: 0, message });
  }
  let fields: Field[] = [];
  if (hexdump && by === 'content') {
    const { frameFields } = await import('../lib/inspect/regions.js');
    fields = frameFields(source, segment?.goodBytes ?? 0);
  }
  return {
    headline: views.walHeadline(pass.segments, pass.end),
    json: views.walJson(pass.segments, pass),
    sections: views.walSections(pass.segments, pass),
    findings,
    regions: await regions(source, fields),
  };
}

async function peers({ source, kind }: FileSubject, wishes: InspectWishes): Promise<Inspected> {
  const { readPeers } = await import('../lib/inspect/small-files.js');
  const views = await import('../lib/report/views/inspect-small.js');
  const { value, findings } = readPeers(source);
  return {
    headline: value
      ? `peers file of version ${value.version}, ${plural(value.peers.length, 'peer')}`
      : 'peers file, unreadable',
    json: { size: BigInt(source.size), ...(value ? views.peersJson(value) : {}) },
    sections: value ? views.peersSections(value) : [],
    findings,
    regions: await bigEndian(source, kind, wishes),
  };
}

async function legacy({ source, kind }: FileSubject, wishes: InspectWishes): Promise<Inspected> {
  const { inspectLegacy } = await import('../lib/inspect/legacy.js');
  const views = await import('../lib/report/views/inspect-small.js');
  const { report, payload, findings } = await inspectLegacy(
    source,
    kind as 'legacy-state',
    wishes.pace,
  );
  const { fsmJson, fsmSections } = await import('../lib/report/views/inspect-fsm.js');
  const [inside, ...rest] = payload ? fsmSections(payload, undefined) : [];
  return {
    headline: report ? `legacy raft file (${kind})` : `legacy raft file (${kind}), unreadable`,
    json: {
      size: BigInt(source.size),
      ...(report ? views.legacyJson(report) : {}),
      ...(payload ? { inline: fsmJson(payload, undefined) } : {}),
    },
    sections: [
      ...(report ? views.legacySections(report) : []),
      ...(inside ? [{ ...inside, title: 'Payload inside' }, ...rest] : []),
    ],
    findings,
    regions: await bigEndian(source, kind, wishes),
  };
}

async function bigEndian(
  source: FileSubject['source'],
  kind: string,
  { hexdump }: InspectWishes,
): Promise<Inspected['regions']> {
  if (!hexdump) return [];
  const { bigEndianFields } = await import('../lib/inspect/regions.js');
  return regions(source, bigEndianFields(source, kind));
}

async function sidecar({ source }: FileSubject, { kek: path }: InspectWishes): Promise<Inspected> {
  const { readSidecar } = await import('../lib/inspect/small-files.js');
  const views = await import('../lib/report/views/inspect-small.js');
  const kek = path === undefined ? undefined : await loadKek(path);
  const { value, findings } = readSidecar(source, kek);
  const keys = value ? plural(value.keys.length, 'key') : '';
  return {
    headline: value
      ? `encryption sidecar of version ${value.sidecar.version}, ${keys}`
      : 'encryption sidecar, unreadable',
    json: { size: BigInt(source.size), ...(value ? views.sidecarJson(value) : {}) },
    sections: value ? views.sidecarSections(value, kek !== undefined) : [],
    findings,
    // Wrapped keys are no secrets, but they are no headers either.
    regions: [],
  };
}

/** @throws {ToolError} the KEK file cannot be used: asked for, so nothing is shown without it */
async function loadKek(path: string): Promise<Kek> {
  const { kekStateOf } = await import('../lib/encryption/guard-inputs.js');
  const state = kekStateOf(() => new FileSource(path));
  if (state.kind === 'loaded') return state.kek;
  throw state.kind === 'failed' ? state.error : new UsageError('usage-bad-flag', '--kek: no KEK');
}

async function marker({ source }: FileSubject): Promise<Inspected> {
  const { readEngineMarker } = await import('../lib/inspect/small-files.js');
  const { value, findings } = readEngineMarker(source);
  const text = value === '' ? 'empty' : value;
  return {
    headline: value === undefined ? 'raft-engine marker, not known' : `raft-engine marker: ${text}`,
    json: { size: BigInt(source.size), engine: value ?? null },
    sections: [],
    findings,
    regions: [],
  };
}

async function table({ source, name }: FileSubject, wishes: InspectWishes): Promise<Inspected> {
  const { verifyTable } = await import('../lib/pebble/sstable/verify-table.js');
  const findings: Finding[] = [];
  wishes.pace.phase(`reading ${name}`, source.size);
  const verdict = await verifyTable(source, {
    level: 'full',
    report: (finding) => findings.push(finding),
    pace: wishes.pace,
  });
  const { tableJson, tableSections } = await import('../lib/report/views/inspect-table.js');
  return {
    headline: `sstable, ${plural(verdict.points, 'entry', 'entries')} in ${plural(verdict.blocks, 'block')}`,
    json: tableJson(verdict, source.size),
    sections: tableSections(verdict, source.size),
    findings,
    regions: await tail(source, wishes),
  };
}

async function blob({ source, name }: FileSubject, wishes: InspectWishes): Promise<Inspected> {
  const { verifyBlobFile } = await import('../lib/pebble/sstable/verify-blob-file.js');
  const findings: Finding[] = [];
  wishes.pace.phase(`reading ${name}`, source.size);
  const verdict = await verifyBlobFile(source, {
    report: (finding) => findings.push(finding),
    pace: wishes.pace,
  });
  const { blobJson, blobSections } = await import('../lib/report/views/inspect-table.js');
  return {
    headline: `blob file, ${plural(verdict.values, 'value')} in ${plural(verdict.blocks, 'block')}`,
    json: blobJson(verdict, source.size),
    sections: blobSections(verdict, source.size),
    findings,
    regions: await tail(source, wishes),
  };
}

async function tail(
  source: FileSubject['source'],
  { hexdump }: InspectWishes,
): Promise<Inspected['regions']> {
  if (!hexdump) return [];
  const { tailFields } = await import('../lib/inspect/regions.js');
  return regions(source, tailFields(source));
}
