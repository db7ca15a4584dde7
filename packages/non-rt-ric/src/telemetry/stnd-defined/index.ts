export { createStndDefined, type StndDefined, stndDefinedConfig } from './check.ts';
