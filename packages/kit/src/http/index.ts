export { type EventSink, sendEvents } from './events.ts';
export { identityOf, requireIdentity } from './guard.ts';
export { createHttpHost, type HttpHost, type HttpHostConfig } from './host.ts';
