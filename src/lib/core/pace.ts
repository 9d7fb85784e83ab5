/**
 * Long work calls `pace.step` between chunks. It is where progress is counted and where the event
 * loop gets its turn, so that a signal or a deadline can end the work; libraries never look at
 * clocks or signals themselves.
 */
export interface Pace {
  /** `bytes` more have been processed. Await the result when there is one. */
  step(bytes: number): void | Promise<void>;
}

export const NO_PACE: Pace = { step: () => undefined };
