import Type, { type Static } from 'typebox';
import { LOOP_PIPELINE } from './loop-pipeline.ts';
import { PipelineDefinition } from './pipeline.ts';

export const automationConfig = Type.Object({
  apiUrl: Type.String({ minLength: 1 }),
  filesUrl: Type.String({ minLength: 1 }),
  accessKey: Type.String({ minLength: 1 }),
  secretKey: Type.String({ minLength: 1 }),
  pipelines: Type.Array(PipelineDefinition, { maxItems: 100, default: [LOOP_PIPELINE] }),
  /** Where the template of each recipe lies; pipelines clone them, and so can people. */
  templateProject: Type.String({ minLength: 3, default: 'Ranloop/recipes' }),
  pollMs: Type.Integer({ default: 300, minimum: 50, maximum: 60_000 }),
});
export type AutomationConfig = Static<typeof automationConfig>;
