export interface ApiErrorFacts {
  /** From the catalogue of errors, `CLEARML_<code>_<subcode>` for the tracking API, or `NETWORK`. */
  code: string;
  /** HTTP status; 0 when no answer came. */
  status: number;
  fields?: readonly { path: string; problem: string }[];
  cause?: unknown;
}

/** The one error that pages meet, whichever API failed. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly status: number;
  readonly fields: readonly { path: string; problem: string }[];

  constructor(message: string, { code, status, fields, cause }: ApiErrorFacts) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.fields = fields ?? [];
  }

  /** A repeat may succeed without the user doing anything. */
  get retriable(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }

  /** What a person can do about it. */
  get advice(): string {
    if (this.status === 0) return 'Check that ranloop is running; the page tries again by itself.';
    if (this.status === 401) return 'Sign in again.';
    if (this.status === 403) return 'Ask an administrator for a role that allows this.';
    if (this.status === 404) return 'It may have been deleted, or this part was not started.';
    if (this.status >= 502) return 'The service behind this page does not answer. It may be starting.';
    if (this.status >= 500) return 'This is a fault of the server; its log says more.';
    return 'Correct what is named above and try again.';
  }
}

export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiError(message, { code: 'PAGE', status: 500, cause: thrown });
}

/** Reads the error dialects met on this origin: the ClearML envelope, RFC 7807, and the Open Inference Protocol. */
export function errorFromBody(status: number, body: unknown, path: string): ApiError {
  const found = (body ?? {}) as {
    meta?: { result_code?: number; result_subcode?: number; result_msg?: string };
    code?: string;
    error?: unknown;
    detail?: string;
    title?: string;
    fields?: { path: string; problem: string }[];
  };
  if (found.meta?.result_msg)
    return new ApiError(found.meta.result_msg, {
      code: `CLEARML_${found.meta.result_code ?? status}_${found.meta.result_subcode ?? 0}`,
      status: found.meta.result_code ?? status,
    });
  return new ApiError(
    found.detail ??
      found.title ??
      (typeof found.error === 'string' ? found.error : undefined) ??
      `${path} answered ${status}`,
    {
      code: found.code ?? `HTTP_${status}`,
      status,
      ...(Array.isArray(found.fields) ? { fields: found.fields } : {}),
    },
  );
}
