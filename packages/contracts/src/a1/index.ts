export * from './policy-types.ts';
export * from './wire.ts';
