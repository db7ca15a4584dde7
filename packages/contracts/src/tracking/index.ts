export * from './common.ts';
export * from './entities.ts';
export * from './envelope.ts';
export * from './events.ts';
export * from './requests/index.ts';
export * from './stream.ts';
