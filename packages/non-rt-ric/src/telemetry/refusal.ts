import type { VesMessageId } from '@ranloop/contracts/ves';

/** Why a request is refused, in the words of VES: which message, which variables, and which event when there are many. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly id: VesMessageId;
  readonly variables: readonly string[];
  /** HTTP status when it is not the usual one of the message. */
  readonly status: number | undefined;

  constructor(id: VesMessageId, variables: readonly string[] = [], status?: number) {
    super(`${id}${variables.length > 0 ? `: ${variables.join(' ')}` : ''}`);
    this.id = id;
    this.variables = variables;
    this.status = status;
  }
}

/** A field of an event that the rules beyond the schema refuse. */
export function badField(field: string, problem: string): Refusal {
  return new Refusal('SVC2004', ['attribute', field, problem]);
}
