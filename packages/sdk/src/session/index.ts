export { ApiError } from './errors.ts';
export { safePath, safeSegment } from './paths.ts';
export { DEFAULT_RETRY, isPassing, Passing, type RetryPolicy, retryAfter, sleep, withRetries } from './retry.ts';
export { type CallOptions, createSession, type Session, type SessionConfig } from './session.ts';
