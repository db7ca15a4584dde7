export { ApiError } from './errors.ts';
export { safePath, safeSegment } from './paths.ts';
export { type RetryPolicy, sleep } from './retry.ts';
export { type CallOptions, createSession, type Session, type SessionConfig } from './session.ts';
