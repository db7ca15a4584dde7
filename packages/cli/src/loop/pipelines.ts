import { LOOP_PIPELINE, type PipelineDefinition } from '@ranloop/training/automation';
import type { PortName } from '../start/ports.ts';

export const LOOP = 'loop';
export const TRACE = 'trace';

/** The pipelines of an installation. Their steps know its addresses, so that a run that drift starts needs no parameters. */
export function installationPipelines(urls: Readonly<Record<PortName, string>>): PipelineDefinition[] {
  const at: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    extract: { telemetry_url: urls.r1 },
    deploy: { inference_url: urls.inference },
  };
  const steps = LOOP_PIPELINE.steps.map((step) => ({ ...step, params: { ...step.params, ...at[step.name] } }));
  return [
    { ...LOOP_PIPELINE, steps },
    {
      ...LOOP_PIPELINE,
      name: TRACE,
      project: 'Ranloop/captures',
      description: 'Extract a recorded counter, train a forecaster of it, and compare that with every baseline',
      steps: steps.filter(({ name }) => name === 'extract' || name === 'train' || name === 'evaluate'),
    },
  ];
}
