export { type PublishParams, publish } from './publish.ts';
