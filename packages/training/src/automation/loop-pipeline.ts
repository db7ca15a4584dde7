import type { PipelineDefinition } from './pipeline.ts';
import { modelOf, propertyOf, taskOf } from './references.ts';

/** Steps 3 to 5 of the loop. Ids of tasks travel from step to step; each recipe takes the rest from those tasks. */
export const LOOP_PIPELINE: PipelineDefinition = {
  name: 'loop',
  project: 'Ranloop/loop',
  version: '1.0.0',
  description: 'Extract telemetry, train the demand forecast, compare it with its baselines, publish and deploy it',
  params: {},
  steps: [
    { name: 'extract', recipe: 'extract', type: 'data_processing', queue: 'default', params: {} },
    {
      name: 'train',
      recipe: 'train',
      type: 'training',
      queue: 'default',
      params: { dataset_task: propertyOf('extract', 'dataset_task') },
    },
    {
      name: 'evaluate',
      recipe: 'evaluate',
      type: 'testing',
      queue: 'default',
      params: { train_task: taskOf('train') },
    },
    {
      name: 'publish',
      recipe: 'publish',
      type: 'qc',
      queue: 'default',
      params: { evaluate_task: taskOf('evaluate') },
    },
    {
      name: 'deploy',
      recipe: 'deploy',
      type: 'service',
      queue: 'default',
      params: { model_id: modelOf('train', 'slice-demand'), name: 'slice-demand' },
    },
  ],
};
