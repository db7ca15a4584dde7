import { type FieldProblem, RanloopError } from '@ranloop/contracts/errors';
import { TaskParameter } from '@ranloop/contracts/r1';
import { TASK_TYPES, type TaskType } from '@ranloop/contracts/tracking';
import Type, { type Static } from 'typebox';
import { referencesOf } from './references.ts';

const Name = Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' });
const Params = Type.Record(Type.String({ minLength: 1, maxLength: 256 }), TaskParameter);

export const PipelineStep = Type.Object({
  name: Name,
  /** The recipe that the step's task runs. */
  recipe: Name,
  type: Type.Unsafe<TaskType>(Type.Enum([...TASK_TYPES])),
  queue: Type.String({ minLength: 3, maxLength: 256 }),
  /** Section `General` of the step's task; text may hold references to the pipeline and to earlier steps. */
  params: Params,
});
export type PipelineStep = Static<typeof PipelineStep>;

/** Steps run one after another, each when the one before it completed. */
export const PipelineDefinition = Type.Object({
  name: Name,
  /** Project of the step tasks; the controller lies in `<project>/.pipelines/<name>`. */
  project: Type.String({ minLength: 3, maxLength: 256 }),
  version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$' }),
  description: Type.String(),
  /** Parameters of the pipeline with their defaults. */
  params: Params,
  steps: Type.Array(PipelineStep, { minItems: 1, maxItems: 100 }),
});
export type PipelineDefinition = Static<typeof PipelineDefinition>;

/** What the schema cannot say: names are unique, and references point backwards to what exists. */
export function checkDefinition(definition: PipelineDefinition): void {
  const earlier = new Set<string>();
  for (const { name, params } of definition.steps) {
    if (earlier.has(name)) throw wrong(definition, `two steps are called "${name}"`);
    for (const { text, kind, name: target } of Object.values(params).flatMap(referencesOf)) {
      const known = kind === 'pipeline' ? target in definition.params : earlier.has(target);
      if (!known) throw wrong(definition, `step "${name}" refers to ${text}, which is not known before it`);
    }
    earlier.add(name);
  }
}

function wrong({ name }: PipelineDefinition, problem: string): RanloopError {
  return new RanloopError('RL_CONFIG', `pipeline "${name}": ${problem}`);
}

export interface RunParams {
  readonly pipeline: Readonly<Record<string, TaskParameter>>;
  /** What a run changes in the parameters of a step. */
  readonly steps: Readonly<Record<string, Readonly<Record<string, TaskParameter>>>>;
}

/** Sorts the parameters of a run into those of the pipeline and those of single steps; refuses the others by name. */
export function sortParams(definition: PipelineDefinition, given: Readonly<Record<string, TaskParameter>>): RunParams {
  const pipeline: Record<string, TaskParameter> = { ...definition.params };
  const steps: Record<string, Record<string, TaskParameter>> = {};
  const problems: FieldProblem[] = [];
  for (const [key, value] of Object.entries(given)) {
    const fallback = Object.hasOwn(definition.params, key) ? definition.params[key] : undefined;
    const step = definition.steps.find(({ name }) => key.startsWith(`${name}.`));
    if (fallback !== undefined) {
      if (kindOf(value) === kindOf(fallback)) pipeline[key] = value;
      else problems.push({ path: `/params/${key}`, problem: `must be a ${kindOf(fallback)}` });
    } else if (step && key.length > step.name.length + 1) {
      steps[step.name] = { ...steps[step.name], [key.slice(step.name.length + 1)]: value };
    } else problems.push({ path: `/params/${key}`, problem: 'is no parameter of the pipeline or of a step' });
  }
  const first = problems[0];
  if (first) throw new RanloopError('RL_INVALID', `${first.path} ${first.problem}`, { fields: problems });
  return { pipeline, steps };
}

function kindOf(value: TaskParameter): string {
  return Array.isArray(value) ? `list of ${typeof (value[0] ?? '')}s` : typeof value;
}
