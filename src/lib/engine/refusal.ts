/**
 * The node would stop here. Thrown by a boot step to end the predicted boot and caught by the boot
 * alone: it is a result of the prediction, not an error of the tool.
 */
export interface RefusalDetail {
  /** Number of the step in spec/cold-start.md §1. */
  readonly step: number;
  /** The node's error names, sorted; empty where the node's error has no identity. */
  readonly errors: readonly string[];
  /** The process dies by a Go panic instead of reporting an error. */
  readonly panic: boolean;
  /** The node's text, or ours where the spec gives none. */
  readonly message: string;
  /** Raft index of the entry the node stops at, where there is one. */
  readonly index: bigint | null;
}

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly detail: RefusalDetail;

  constructor(detail: Partial<RefusalDetail> & { step: number; message: string }) {
    super(detail.message);
    this.detail = {
      step: detail.step,
      errors: [...(detail.errors ?? [])].sort(),
      panic: detail.panic ?? false,
      message: detail.message,
      index: detail.index ?? null,
    };
  }
}

/** A refusal whose text the node prints as a Go panic. */
export function panic(step: number, message: string, index: bigint | null = null): Refusal {
  return new Refusal({ step, message, panic: true, index });
}
