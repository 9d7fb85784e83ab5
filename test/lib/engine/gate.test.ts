import { expect } from 'chai';
import fc from 'fast-check';
import {
  decideGate,
  gateThreshold,
  type AppliedIndexAnswer,
} from '../../../src/lib/engine/gate.js';

const have = (index: bigint): AppliedIndexAnswer => ({ kind: 'value', index });
const unknown: AppliedIndexAnswer = { kind: 'fallback', reason: 'missing_meta' };

describe('engine/gate: the decision table of cold-start.md §2', () => {
  it('committed-tail asks for max(S, C)', () => {
    expect(gateThreshold('committed-tail', 40n, 80n)).to.equal(80n);
    expect(gateThreshold('committed-tail', 40n, 0n)).to.equal(40n);
    expect(decideGate('committed-tail', 40n, 80n, 40n, have(80n)).outcome).to.equal('skipped');
    expect(decideGate('committed-tail', 40n, 80n, 40n, have(79n)).outcome).to.equal('executed');
  });

  it('snapshot-pointer asks for S alone', () => {
    expect(decideGate('snapshot-pointer', 40n, 80n, 40n, have(40n)).outcome).to.equal('skipped');
    expect(decideGate('snapshot-pointer', 40n, 80n, 40n, have(39n)).outcome).to.equal('executed');
  });

  it('always-restore never skips, whatever is there', () => {
    expect(decideGate('never', 40n, 80n, 40n, have(10n ** 18n)).outcome).to.equal('executed');
    expect(decideGate('never', 40n, 80n, 40n, unknown).outcome).to.equal('executed');
  });

  it('falls back with the reason where the applied index is not known', () => {
    const decision = decideGate('committed-tail', 40n, 80n, 40n, unknown);
    expect(decision).to.deep.include({ outcome: 'fallback', reason: 'missing_meta', have: null });
    expect(decision.gap).to.equal(null);
  });

  it('reports the gap to the reported index, in either direction', () => {
    expect(decideGate('committed-tail', 40n, 80n, 38n, have(80n)).gap).to.equal(42n);
    expect(decideGate('committed-tail', 40n, 80n, 40n, have(18n)).gap).to.equal(22n);
  });

  it('skips under the newer rule whenever it skips under the older', () => {
    const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    fc.assert(
      fc.property(u64, u64, u64, (s, c, h) => {
        const older = decideGate('committed-tail', s, c, s, have(h)).outcome;
        const newer = decideGate('snapshot-pointer', s, c, s, have(h)).outcome;
        expect(older === 'skipped' && newer !== 'skipped').to.equal(false);
        expect(older === 'skipped').to.equal(h >= s && h >= c);
      }),
    );
  });
});
