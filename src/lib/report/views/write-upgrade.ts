import { hex } from '../../bytes/hex.js';
import { hex32 } from '../../bytes/hex.js';
import type { SnapshotHeader } from '../../snapshot/header.js';
import type { UpgradePlan } from '../../write/upgrade.js';
import { ceilingText } from '../dates.js';
import { plural } from '../sizes.js';

type Shown = Omit<SnapshotHeader, 'length'>;

export function headerText({ form, ceilingMs, cutover, extension }: Shown): string {
  if (form === 'legacy') return 'none (headerless)';
  const parts: string[] = [form, `ceiling ${ceilingMs} (${ceilingText(ceilingMs)})`];
  if (form === 'v2') parts.push(`cutover ${cutover}`);
  if (extension.length > 0) parts.push(`${plural(extension.length, 'extension byte')}`);
  return parts.join(', ');
}

export function headerRecord(header: Shown, length: number): object {
  const { form, ceilingMs, cutover, extension } = header;
  return { form, ceilingMs, cutover, extensionHex: hex(extension), length };
}

export function upgradeFields(plan: UpgradePlan): [string, string][] {
  const { from, to, snaps, fsmPath, index } = plan;
  const fields: [string, string][] = [
    ['snapshot', `${fsmPath}${index === undefined ? '' : ` at index ${index}`}`],
    ['header now', headerText(from.header)],
    ['header new', headerText(to.header)],
    ['footer', `${hex32(from.footer ?? 0)} → ${hex32(to.crc)}`],
  ];
  for (const { path, token } of snaps) {
    fields.push([
      'token',
      `${path}: ${hex32(token.crc)} → ${hex32(to.crc)} (index ${token.index})`,
    ]);
  }
  if (snaps.length === 0) {
    fields.push(['token', `not given: a .snap that goes with it needs crc ${hex32(to.crc)}`]);
  }
  return fields;
}

/** Whom the result may not be given to. */
export function upgradeCaution({ to }: UpgradePlan): string[] {
  if (to.header.form !== 'v2') return [];
  return ['Builds from before 2026-05-30 cannot read a v2 header; every later one can.'];
}

export function upgradeResult(plan: UpgradePlan): object {
  const { from, to, snaps, fsmPath, index } = plan;
  return {
    index: index ?? null,
    fsm: fsmPath,
    header: {
      from: headerRecord(from.header, from.header.length),
      to: headerRecord(to.header, to.headerBytes.length),
    },
    footer: { from: hex32(from.footer ?? 0), to: hex32(to.crc) },
    tokens: snaps.map(({ path, token }) => ({
      file: path,
      index: token.index,
      from: hex32(token.crc),
      to: hex32(to.crc),
    })),
    payloadKind: from.kind,
  };
}
