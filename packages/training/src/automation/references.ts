import { RanloopError } from '@ranloop/contracts/errors';
import type { TaskParameter } from '@ranloop/contracts/r1';
import type { Task } from '@ranloop/contracts/tracking';

/**
 * References inside the parameters of a step:
 * `${pipeline.<parameter>}`, `${steps.<step>.taskId}`, `${steps.<step>.artifacts.<name>}` (its URL),
 * `${steps.<step>.models.<name>}` (the id of the model that the step made),
 * `${steps.<step>.properties.<name>}` (a user property that the step set).
 */
const REFERENCE = /\$\{(pipeline|steps)\.([A-Za-z0-9_-]+)(?:\.(taskId|artifacts|models|properties)(?:\.([^}.]+))?)?\}/g;

export interface Reference {
  readonly text: string;
  readonly kind: 'pipeline' | 'steps';
  /** The parameter or the step. */
  readonly name: string;
  readonly what: string | undefined;
  readonly item: string | undefined;
}

export function referencesOf(value: TaskParameter): Reference[] {
  const texts = (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
  return texts.flatMap((text) => [...text.matchAll(REFERENCE)].map(readReference));
}

function readReference([text, kind, name = '', what, item]: RegExpMatchArray | RegExpExecArray): Reference {
  return { text: text ?? '', kind: kind === 'pipeline' ? 'pipeline' : 'steps', name, what, item };
}

/** The reference to the task of an earlier step. */
export function taskOf(step: string): string {
  return `\${steps.${step}.taskId}`;
}

/** The reference to a model that an earlier step made. */
export function modelOf(step: string, name: string): string {
  return `\${steps.${step}.models.${name}}`;
}

/** The reference to a user property that an earlier step set. */
export function propertyOf(step: string, name: string): string {
  return `\${steps.${step}.properties.${name}}`;
}

export interface Sources {
  readonly pipeline: Readonly<Record<string, TaskParameter>>;
  /** The tasks of the steps that are done, by the name of the step. */
  readonly steps: ReadonlyMap<string, Task>;
}

/** Puts in what references stand for. A text that is one reference to a pipeline parameter takes over its type. */
export function resolve(value: TaskParameter, sources: Sources): TaskParameter {
  if (Array.isArray(value)) return value.map((item) => resolve(item, sources)) as TaskParameter;
  if (typeof value !== 'string') return value;
  const [only] = referencesOf(value);
  if (only && only.text === value) return lookUp(only, sources);
  return value.replace(REFERENCE, (...match) => {
    const groups = match.slice(0, 5) as unknown as RegExpExecArray;
    const found = lookUp(readReference(groups), sources);
    return Array.isArray(found) ? JSON.stringify(found) : String(found);
  });
}

function lookUp({ text, kind, name, what, item }: Reference, sources: Sources): TaskParameter {
  if (kind === 'pipeline') return found(sources.pipeline[name], `${text}: there is no such parameter`);
  const task = found(sources.steps.get(name), `${text}: step "${name}" has not run`);
  if (what === 'taskId') return task.id;
  if (what === 'artifacts') {
    const artifact = task.execution?.artifacts?.find(({ key, mode }) => key === item && mode !== 'input');
    return found(artifact?.uri, `${text}: step "${name}" wrote no artifact "${item}"`);
  }
  if (what === 'properties') {
    const property = task.hyperparams?.['properties']?.[item ?? ''];
    return found(property?.value, `${text}: step "${name}" set no property "${item}"`);
  }
  const model = task.models?.output.find((made) => made.name === item);
  return found(what === 'models' ? model?.model : undefined, `${text}: step "${name}" made no model "${item}"`);
}

function found<T>(value: T | undefined, problem: string): T {
  if (value === undefined) throw new RanloopError('RL_UNPROCESSABLE', problem);
  return value;
}
