import { hex32 } from '../../bytes/hex.js';
import type { PayloadPlan } from '../../write/payload-files.js';
import { exactSizeText } from '../sizes.js';
import { headerRecord, headerText } from './write-upgrade.js';

export function payloadFields(plan: PayloadPlan): [string, string | undefined][] {
  const { from, header, crc, size } = plan;
  return [
    ['from', `${from.path}, ${exactSizeText(from.size)}, ${from.kind}`],
    ['header', `${headerText(from.header)} → ${headerText(header)}`],
    ['footer', `${footerText(from.footer)} → ${footerText(crc)}`],
    ['size', exactSizeText(size)],
  ];
}

function footerText(crc: number | undefined): string {
  return crc === undefined ? 'none' : hex32(crc);
}

export function payloadResult(plan: PayloadPlan): object {
  const { from, header, crc, size } = plan;
  const length = 'length' in header ? Number(header.length) : 0;
  return {
    payloadKind: from.kind,
    header: {
      from: headerRecord(from.header, from.header.length),
      to: headerRecord(header, length),
    },
    footer: {
      from: from.footer === undefined ? null : hex32(from.footer),
      to: crc === undefined ? null : hex32(crc),
    },
    size: String(size),
  };
}
