import { type ErrorCode, type FieldProblem, RanloopError } from '@ranloop/contracts/errors';

/** A refusal in ClearML's envelope: `resultCode` is the HTTP status, `resultSubcode` tells the causes of one status apart. */
export class ApiError extends RanloopError {
  readonly endpoint: string;
  readonly resultCode: number;
  readonly resultSubcode: number;
  readonly resultMessage: string;

  constructor(
    refusal: { endpoint: string; resultCode: number; resultSubcode: number; resultMessage: string },
    fields: readonly FieldProblem[] = [],
  ) {
    const { endpoint, resultCode, resultSubcode, resultMessage } = refusal;
    super(codeOf(resultCode, resultSubcode), `${endpoint}: ${resultMessage} (${resultCode}/${resultSubcode})`, {
      fields,
    });
    this.endpoint = endpoint;
    this.resultCode = resultCode;
    this.resultSubcode = resultSubcode;
    this.resultMessage = resultMessage;
  }
}

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'RL_UNAUTHENTICATED',
  403: 'RL_FORBIDDEN',
  404: 'RL_NOT_FOUND',
  409: 'RL_CONFLICT',
  413: 'RL_TOO_LARGE',
  415: 'RL_UNSUPPORTED',
  422: 'RL_UNPROCESSABLE',
  429: 'RL_BUSY',
  502: 'RL_UPSTREAM',
  503: 'RL_BUSY',
  504: 'RL_TIMEOUT',
};

/** ClearML answers 400 to nearly every refusal; these subcodes say that the id is unknown. */
const UNKNOWN_ID = new Set([101, 130, 201, 401, 701]);
/** And these that the state of the thing is in the way. */
const IN_THE_WAY = new Set([110, 111, 112, 113, 121, 123, 202, 203, 205, 206, 402, 702, 703, 706, 801]);

function codeOf(status: number, subcode: number): ErrorCode {
  if (status === 400) {
    if (UNKNOWN_ID.has(subcode)) return 'RL_NOT_FOUND';
    return IN_THE_WAY.has(subcode) ? 'RL_CONFLICT' : 'RL_INVALID';
  }
  return BY_STATUS[status] ?? (status >= 500 ? 'RL_UPSTREAM' : 'RL_INVALID');
}

interface Envelope {
  meta?: { result_code?: number; result_subcode?: number; result_msg?: string; error_data?: unknown };
  data?: unknown;
}

/** Takes the data out of an envelope, or throws what it refuses. A reply that is no envelope is a fault of the peer. */
export function openEnvelope(endpoint: string, status: number, text: string): unknown {
  const envelope = parse(text);
  if (!envelope?.meta) {
    if (status >= 400) throw refusalWithoutEnvelope(endpoint, status, text);
    throw new RanloopError('RL_UPSTREAM', `${endpoint}: the answer is not a ClearML envelope: ${text.slice(0, 200)}`);
  }
  const { result_code: code = status, result_subcode: subcode = 0, result_msg: message = '' } = envelope.meta;
  if (status >= 400 || code >= 400)
    throw new ApiError({ endpoint, resultCode: code, resultSubcode: subcode, resultMessage: message });
  return envelope.data ?? {};
}

/** A proxy, a guard or the file server answers in other words: problem details or plain text. */
export function refusalWithoutEnvelope(endpoint: string, status: number, text: string): ApiError {
  const body = parse(text) as { detail?: unknown; error?: unknown; fields?: FieldProblem[] } | undefined;
  const said = [body?.detail, body?.error].find((value): value is string => typeof value === 'string');
  const message = said ?? (text.slice(0, 300).trim() || 'no explanation');
  const fields = Array.isArray(body?.fields) ? body.fields : [];
  return new ApiError({ endpoint, resultCode: status, resultSubcode: 0, resultMessage: message }, fields);
}

function parse(text: string): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Envelope) : undefined;
  } catch {
    return undefined;
  }
}
