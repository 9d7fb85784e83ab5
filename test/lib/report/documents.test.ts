import { expect } from 'chai';
import fc from 'fast-check';
import { BugError, CorruptionError, IoError, type ExitCode } from '../../../src/lib/core/errors.js';
import { findingOf, type Finding, type Severity } from '../../../src/lib/core/finding.js';
import { envelope, failureOf, summaryRecord } from '../../../src/lib/report/envelope.js';
import {
  EXIT_MEANINGS,
  EXIT_ORDERS,
  exitStatus,
  SEVERITIES,
  verdictOf,
} from '../../../src/lib/report/exit-status.js';
import { renderJson, renderJsonLine } from '../../../src/lib/report/json.js';

const finding = (severity: Severity, exitCode?: ExitCode): Finding => ({
  code: 'truncated',
  severity,
  message: 'm',
  ...(exitCode === undefined ? {} : { exitCode }),
});

describe('exitStatus', () => {
  it('an unread part met while verifying is inconclusive, damage is damage', () => {
    const io = findingOf(new IoError('io-permission', 'denied', { site: { path: 'f' } }));
    const bad = findingOf(new CorruptionError('truncated', 'cut', { site: { path: 'f' } }));
    expect(exitStatus([io], [])).to.equal(5);
    expect(exitStatus([bad], [])).to.equal(2);
    expect(exitStatus([bad, io], [])).to.equal(2);
    expect(exitStatus([bad, io], [], 'warning', 'dryRun')).to.equal(5);
  });

  it('is the worst of what applies, whatever the order of the findings', () => {
    const status = fc.constantFrom<ExitCode>(2, 3, 4, 5);
    const findings = fc.array(
      fc.record({ severity: fc.constantFrom(...SEVERITIES), own: fc.option(status) }),
    );
    fc.assert(
      fc.property(
        findings,
        fc.array(status),
        fc.constantFrom(...SEVERITIES),
        (list, grounds, failOn) => {
          const all = list.map(({ severity, own }) => finding(severity, own ?? undefined));
          for (const order of ['damageFirst', 'dryRun'] as const) {
            const ranked: readonly ExitCode[] = EXIT_ORDERS[order];
            const got = exitStatus(all, grounds, failOn, order);
            expect(exitStatus([...all].reverse(), [...grounds].reverse(), failOn, order)).to.equal(
              got,
            );
            expect([0, ...ranked]).to.include(got);
            for (const ground of grounds) {
              const counted = ranked.includes(ground) ? ground : 3;
              expect(ranked.indexOf(got)).to.be.within(0, ranked.indexOf(counted));
            }
          }
        },
      ),
    );
  });

  it('a lower line never makes the status milder', () => {
    const all = SEVERITIES.map((severity) => finding(severity));
    for (const one of all) {
      const statuses = SEVERITIES.map((failOn) => exitStatus([one], [], failOn));
      const firstCounted = statuses.findIndex((status) => status !== 0);
      expect(firstCounted).to.equal(SEVERITIES.indexOf(one.severity));
      expect(statuses.slice(firstCounted)).to.not.include(0);
    }
  });

  it('every status that can be ranked has a meaning and a word', () => {
    for (const code of [0, ...EXIT_ORDERS.damageFirst] as const) {
      expect(EXIT_MEANINGS.find((meaning) => meaning.code === code)?.name).to.equal(
        verdictOf(code),
      );
    }
  });
});

describe('JSON', () => {
  it('turns big numbers and bytes into strings and keeps the order of fields', () => {
    const value = {
      z: (1n << 64n) - 1n,
      a: Uint8Array.of(1, 255),
      b: Buffer.from([2]),
      u: undefined,
    };
    expect(renderJsonLine(value)).to.equal('{"z":"18446744073709551615","a":"01ff","b":"02"}\n');
  });

  for (const [name, bad] of [
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a Map', new Map([[1, 2]])],
    ['a Set', new Set([1])],
    ['a function', (): void => undefined],
  ] as const) {
    it(`${name} in a document is a bug of ours`, () => {
      expect(() => renderJson({ deep: [{ bad }] })).to.throw(BugError);
    });
  }

  it('is read back by JSON.parse, one line a record', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(renderJson(value))).to.deep.equal(JSON.parse(JSON.stringify(value)));
        expect(renderJsonLine(value).indexOf('\n')).to.equal(renderJsonLine(value).length - 1);
      }),
    );
  });
});

describe('the envelope', () => {
  const head = {
    tool: { name: 'ekv', version: '1.2.3' },
    command: 'inspect',
    inputs: [{ path: 'd', kind: 'group-dir' }],
    verdict: 'ok',
    exitCode: 0 as const,
    findings: [],
  };

  it('has the fields of the contract in their order', () => {
    const keys = Object.keys(JSON.parse(renderJson(envelope(head, { a: 1 }))) as object);
    expect(keys).to.deep.equal([
      'formatVersion',
      'tool',
      'command',
      'inputs',
      'verdict',
      'exitCode',
      'findings',
      'result',
    ]);
  });

  it('a failure has no result', () => {
    const error = failureOf(
      new CorruptionError('truncated', 'cut', { site: { path: 'f', offset: 2 ** 40 } }),
    );
    const document = JSON.parse(renderJson(envelope({ ...head, error }, { a: 1 }))) as object;
    expect(document).to.deep.include({
      error: { code: 'truncated', message: 'cut', file: 'f', offset: '1099511627776' },
      result: null,
    });
  });

  it('a summary is an envelope without the result', () => {
    const record = JSON.parse(renderJsonLine(summaryRecord(head, { records: 3n }))) as object;
    expect(Object.keys(record)[0]).to.equal('type');
    expect(record).to.deep.include({ type: 'summary', command: 'inspect', records: '3' });
    expect(record).to.not.have.any.keys('result', 'error');
  });
});
