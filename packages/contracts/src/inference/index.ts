export * from './protocol.ts';
export * from './repository.ts';
