import { RanloopError } from '@ranloop/contracts/errors';

/** Code and subcode of the API's catalogue with the default text. Clients know failures by the numbers. */
export const FAILURES = {
  moved: [301, 1, 'Endpoint is no longer supported at this version'],
  badPath: [400, 0, 'Invalid request path'],
  badHeaders: [400, 5, 'Invalid headers'],
  impersonation: [400, 6, 'Impersonation error'],
  invalidId: [400, 10, 'Invalid id'],
  missingFields: [400, 11, 'Missing required fields'],
  validation: [400, 12, 'Validation error'],
  unknownFields: [400, 14, 'Field does not exist'],
  conflict: [400, 15, 'Conflicting fields'],
  badValue: [400, 16, 'Bad value'],
  batchEmpty: [400, 17, 'Batch contains no items'],
  batchItem: [400, 18, 'Batch item is invalid'],
  badType: [400, 20, 'Bad type'],
  badRegex: [400, 21, 'Invalid regular expression'],
  invalidAccessKey: [400, 75, 'Access key not found'],
  invalidTaskId: [400, 101, 'Invalid task id'],
  taskValidation: [400, 102, 'Task validation error'],
  taskStatus: [400, 110, 'Invalid task status'],
  taskChanged: [400, 121, 'Task status was changed by another call'],
  missingTaskFields: [400, 122, 'Task is missing expected fields'],
  taskUndeletable: [400, 123, 'Task cannot be deleted'],
  taskNotFound: [400, 130, 'Task not found'],
  noEventsAdded: [400, 131, 'No event was added'],
  reportOnly: [400, 150, 'Operation is for reports only'],
  allRunsRemoved: [400, 160, 'At least one pipeline run should be left'],
  invalidModelId: [400, 201, 'Invalid model id'],
  modelNotReady: [400, 202, 'Model is not ready'],
  modelReady: [400, 203, 'Model is ready'],
  modelInUse: [400, 205, 'Model is in use'],
  modelTaskExists: [400, 206, 'The task that created the model exists'],
  invalidUser: [400, 300, 'Invalid user'],
  invalidUserId: [400, 301, 'Invalid user id'],
  userExists: [400, 302, 'A user of this id exists'],
  invalidProjectId: [400, 401, 'Invalid project id'],
  projectHasTasks: [400, 402, 'Project has tasks'],
  projectHasModels: [400, 405, 'Project has models'],
  projectHasDatasets: [400, 406, 'Project has datasets that are not empty'],
  badProjectName: [400, 407, 'Invalid project name'],
  projectLocation: [400, 408, 'A rename keeps the location of a project'],
  projectTooDeep: [400, 409, 'Project is nested too deep'],
  projectSamePlace: [400, 410, 'Source and destination of the project are the same'],
  projectIntoItself: [400, 411, 'A project cannot move under itself'],
  projectMergeIntoItself: [400, 412, 'A project cannot merge into itself or its descendant'],
  projectHasPipelines: [400, 413, 'Project has pipelines with active controllers'],
  publicProjectExists: [400, 414, 'A public project of this name exists'],
  invalidQueueId: [400, 701, 'Invalid queue id'],
  queueNotEmpty: [400, 702, 'Queue is not empty'],
  taskNotQueued: [400, 703, 'Task is not in the queue'],
  taskAlreadyQueued: [400, 706, 'Task is already in the queue'],
  noDefaultQueue: [400, 707, 'There is no default queue'],
  manyDefaultQueues: [400, 708, 'More than one queue is tagged as the default'],
  dataValidation: [400, 800, 'Data validation error'],
  notUnique: [400, 801, 'Value already exists'],
  workerRegistration: [400, 1002, 'Worker registration failed'],
  noWorkerStats: [400, 1005, 'No statistics of workers were found'],
  noContainers: [400, 1052, 'No containers serve this URL'],
  invalidScrollId: [400, 1104, 'Invalid scroll id'],
  noCredentials: [401, 20, 'Unauthorized: no credentials were given'],
  malformedCredentials: [401, 21, 'Unauthorized: malformed credentials'],
  invalidCredentials: [401, 22, 'Unauthorized: invalid credentials'],
  badToken: [401, 30, 'Unauthorized: bad or expired token'],
  roleNotAllowed: [403, 20, 'Forbidden: the role does not allow this'],
  noWritePermission: [403, 21, 'Forbidden: public entities cannot be changed'],
  noSuchEndpoint: [404, 0, 'No such endpoint'],
  tooLarge: [413, 0, 'Body is too large'],
  unsupportedEncoding: [415, 0, 'Content-Encoding is not supported'],
  general: [500, 0, 'General error'],
  dataError: [500, 100, 'General data error'],
  storeUnavailable: [503, 102, 'Database is unavailable'],
} as const satisfies Record<string, readonly [number, number, string]>;

export type Failure = keyof typeof FAILURES;

/** A refusal in the API's own dialect. `details` are named in the message and repeated in `meta.error_data`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly subcode: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(failure: Failure, details: Readonly<Record<string, unknown>> = {}, extra?: string) {
    const [code, subcode, text] = FAILURES[failure];
    super(message(text, details, extra));
    this.code = code;
    this.subcode = subcode;
    this.details = details;
  }
}

const MOST_SHOWN = 300;

function message(text: string, details: Readonly<Record<string, unknown>>, extra: string | undefined): string {
  const pairs = Object.entries(details).map(([key, value]) => `${key}=${shown(value)}`);
  const tail = pairs.length > 0 ? `: ${pairs.join(', ')}` : '';
  return `${text}${extra ? ` (${extra})` : ''}${tail}`;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
}

const REGEX_REFUSED = '2201B';
const QUERY_CANCELLED = '57014';
const UNIQUE_VIOLATION = '23505';
/** Too deep or too large for the store, out of the range of a type, or text that it cannot hold. */
const UNSTORABLE = /^(54|22)/;

/** Anything thrown, in the dialect: refusals of the shared catalogue and of PostgreSQL get the nearest numbers. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof RanloopError) return fromRanloop(thrown);
  const { code } = thrown as { code?: unknown };
  if (code === REGEX_REFUSED) return new ApiError('badRegex', {}, 'the pattern cannot be used');
  if (code === QUERY_CANCELLED) return new ApiError('badRegex', {}, 'the query takes too long; use a simpler pattern');
  if (code === UNIQUE_VIOLATION) return new ApiError('notUnique');
  if (typeof code === 'string' && UNSTORABLE.test(code)) return new ApiError('badValue', {}, 'cannot be stored');
  if (thrown instanceof RangeError) return new ApiError('badValue', {}, 'nested too deep');
  if (typeof code === 'string' && /^(08|53|57P|E[A-Z]{3,})/.test(code)) return new ApiError('storeUnavailable');
  return new ApiError('general');
}

function fromRanloop(error: RanloopError): ApiError {
  if (error.code === 'RL_INVALID') {
    const missing = error.fields.filter(({ problem }) => problem === 'is required');
    const fields = error.fields.map(({ path, problem }) => `${path.slice(1).replaceAll('/', '.')} ${problem}`);
    return missing.length > 0
      ? new ApiError('missingFields', { fields: missing.map(({ path }) => path.slice(1)) })
      : new ApiError('validation', { fields });
  }
  if (error.code === 'RL_MALFORMED') return new ApiError('validation', {}, error.message);
  if (error.code === 'RL_TOO_LARGE') return new ApiError('tooLarge');
  if (error.code === 'RL_STORE' || error.code === 'RL_BUSY') return new ApiError('storeUnavailable');
  return new ApiError('general');
}
