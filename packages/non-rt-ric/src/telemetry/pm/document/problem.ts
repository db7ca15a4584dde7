import { type ErrorCode, RanloopError } from '@ranloop/contracts/errors';

/** A place in a document, counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** The element that is open there. */
  readonly element: string;
}

/**
 * Why a document is refused. RL_MALFORMED: not XML, or cut off; RL_UNPROCESSABLE: XML that is no PM file; RL_TOO_LARGE;
 * RL_UNSUPPORTED: an encoding or compression that is not read.
 */
export function documentProblem(code: ErrorCode, place: Place | undefined, problem: string): RanloopError {
  if (!place) return new RanloopError(code, problem);
  const { line, column, element } = place;
  const where = `line ${line}, column ${column}${element === '' ? '' : `, <${element}>`}`;
  return new RanloopError(code, `${where}: ${problem}`, { fields: [{ path: `/${element}`, problem }] });
}

/** Text of a document inside an error: short, on one line. */
export function quoted(text: string): string {
  const told = text.length > 64 ? `${text.slice(0, 64)}…` : text;
  return JSON.stringify(told);
}
