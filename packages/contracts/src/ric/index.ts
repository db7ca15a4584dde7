export * from './management.ts';
export type * from './messages.ts';
export * from './rmr.ts';
