/** Whether a caller may repeat the request that failed: `safe` (nothing happened), `ambiguous` (it may have happened), `never`. */
export type Retry = 'safe' | 'ambiguous' | 'never';

interface ErrorKind {
  readonly status: number;
  readonly retry: Retry;
  readonly title: string;
}

/**
 * Every error a program can meet. Programs test the code, people read the detail. A room maps a code to the dialect of
 * its wire API in its own `http.ts`; ports without a dialect of their own answer RFC 7807 problem details.
 */
export const ERROR_CATALOGUE = {
  RL_INVALID: { status: 400, retry: 'never', title: 'The request does not match its schema' },
  RL_MALFORMED: { status: 400, retry: 'never', title: 'The body cannot be parsed' },
  RL_UNAUTHENTICATED: { status: 401, retry: 'never', title: 'Credentials are missing or wrong' },
  RL_FORBIDDEN: { status: 403, retry: 'never', title: 'These credentials do not allow this' },
  RL_NOT_FOUND: { status: 404, retry: 'never', title: 'There is no such thing' },
  RL_CONFLICT: { status: 409, retry: 'never', title: 'The state of the thing does not allow this' },
  RL_TOO_LARGE: { status: 413, retry: 'never', title: 'The body is too large' },
  RL_UNSUPPORTED: { status: 415, retry: 'never', title: 'This form of content is not supported' },
  RL_UNPROCESSABLE: { status: 422, retry: 'never', title: 'The content is well formed but cannot be used' },
  RL_BUSY: { status: 503, retry: 'safe', title: 'Too much is under way; repeat later' },
  RL_UPSTREAM: { status: 502, retry: 'ambiguous', title: 'A peer failed or cannot be reached' },
  RL_TIMEOUT: { status: 504, retry: 'ambiguous', title: 'A peer did not answer in time' },
  RL_STORE: { status: 503, retry: 'ambiguous', title: 'The store is not available' },
  RL_CONFIG: { status: 500, retry: 'never', title: 'The configuration cannot be used' },
  RL_INTERNAL: { status: 500, retry: 'ambiguous', title: 'A fault of this program' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** One field that was refused: `path` is a JSON pointer into the value, `problem` says what it must be. */
export interface FieldProblem {
  readonly path: string;
  readonly problem: string;
}

/** The one error class that crosses rooms. Anything else that is thrown is a fault and becomes RL_INTERNAL at the edge. */
export class RanloopError extends Error {
  override readonly name = 'RanloopError';
  readonly code: ErrorCode;
  readonly fields: readonly FieldProblem[];

  constructor(code: ErrorCode, detail: string, options: { fields?: readonly FieldProblem[]; cause?: unknown } = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.fields = options.fields ?? [];
  }

  get status(): number {
    return ERROR_CATALOGUE[this.code].status;
  }

  get retry(): Retry {
    return ERROR_CATALOGUE[this.code].retry;
  }
}

/** RFC 7807, with the code and the refused fields as extension members. */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  fields?: readonly FieldProblem[];
}

export function problemDetails(error: RanloopError): ProblemDetails {
  const { title, status } = ERROR_CATALOGUE[error.code];
  const base: ProblemDetails = { type: 'about:blank', title, status, detail: error.message, code: error.code };
  return error.fields.length > 0 ? { ...base, fields: error.fields } : base;
}

/** Turns anything thrown into a RanloopError, keeping the original as its cause. */
export function asRanloopError(thrown: unknown): RanloopError {
  if (thrown instanceof RanloopError) return thrown;
  return new RanloopError('RL_INTERNAL', thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
}
