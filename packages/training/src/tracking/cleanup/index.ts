export type { FileRemoval } from './port.ts';
export { recordFiles } from './record.ts';
export { type FileUrls, fileUrls } from './urls.ts';
export { startCleanup } from './worker.ts';
