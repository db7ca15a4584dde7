export { abortReason, statusOf } from './abort.ts';
export { type ArtifactData, type ArtifactOptions, findArtifact, readArtifact, sha256 } from './artifacts.ts';
export { createDataset, type Dataset, type DatasetWriter, getDataset, type NewDataset } from './dataset.ts';
export type { DatasetFile } from './dataset-state.ts';
export type { Logger, LogLevel } from './logger.ts';
export {
  downloadModel,
  findModels,
  getModel,
  type ModelQuery,
  type OutputModel,
  outputModelOf,
  publishModel,
  setModelMetadata,
  tagModel,
} from './models.ts';
export type { Params, ParamValue } from './params.ts';
export { findProject, getHiddenProject, getProject } from './projects.ts';
export { enqueue, getQueueId } from './queues.ts';
export { createTask, editParams, getTask, type NewTask, openTask, type TaskHandle } from './task.ts';
export { hasEnded, type WaitOptions, waitFor } from './wait.ts';
export { unpackZip, type ZipFile } from './zip.ts';
