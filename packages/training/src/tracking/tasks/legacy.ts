import type { ConfigurationItem, Hyperparams, TaskModelItem, TasksCreate } from '@ranloop/contracts/tracking';
import type { Document } from '../query/index.ts';
import { ApiError } from '../wire/errors.ts';
import { isObject, type Parameters } from '../wire/parameters.ts';
import { atLeast, type Version } from '../wire/path.ts';

/**
 * Where older clients keep things: until 2.9 parameters and the model's design were members of `execution`, until 2.13 so
 * were the one input model and the container. They are kept in the newer places, marked where they came from the older ones.
 */

const LEGACY = 'legacy';
const ARGS = 'Args';
const TF_DEFINE = 'TF_DEFINE';
const ONE_MODEL = { input: 'Input Model', output: 'Output Model' } as const;
const WITH_SECTIONS: Version = [2, 9];
const WITH_MODELS: Version = [2, 13];

export type Contents = Partial<
  Pick<TasksCreate, 'execution' | 'hyperparams' | 'configuration' | 'models' | 'container'>
>;

/** What the task holds so far, for edits. */
export interface Held {
  readonly hyperparams: Hyperparams;
  readonly configuration: Record<string, ConfigurationItem>;
  readonly models: { input: TaskModelItem[]; output: TaskModelItem[] };
}

/** The same contents with everything of `execution` that has a newer place moved there. */
export function fromLegacy<B extends Contents>(body: B, held?: Held): B {
  if (!body.execution) return body;
  const { parameters, model_desc, model, docker_cmd, ...execution } = body.execution;
  const moved: Contents = { execution };
  if (isObject(parameters)) moved.hyperparams = withParameters(parameters, body.hyperparams ?? kept(held));
  if (isObject(model_desc)) moved.configuration = withDesign(model_desc, body.configuration ?? keptItems(held));
  if (typeof model === 'string' && model !== '') moved.models = withInput(model, body.models ?? held?.models ?? {});
  if (typeof docker_cmd === 'string' && !body.container) moved.container = container(docker_cmd);
  return { ...body, ...moved };
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
const isLegacy = (item: unknown) => isObject(item) && item['type'] === LEGACY;
const without = (items: object) => Object.fromEntries(Object.entries(items).filter(([, item]) => !isLegacy(item)));

/** New parameters of the older kind replace those of the older kind only. */
function kept(held: Held | undefined): Parameters {
  const sections = Object.entries(held?.hyperparams ?? {}).map(([name, items]) => [name, without(items)] as const);
  return Object.fromEntries(sections.filter(([, items]) => Object.keys(items).length > 0));
}

const keptItems = (held: Held | undefined): Parameters => without(held?.configuration ?? {});

function withParameters(parameters: Parameters, hyperparams: Parameters): Parameters {
  const sections = new Map(Object.entries(hyperparams));
  for (const [full, value] of Object.entries(parameters)) {
    const [section, name] = full.startsWith(`${TF_DEFINE}/`)
      ? [TF_DEFINE, full.slice(TF_DEFINE.length + 1)]
      : [ARGS, full];
    if (name === '') throw new ApiError('validation', { field: 'execution.parameters' }, 'a name cannot be empty');
    const items = sections.get(section);
    const item = { section, name, type: LEGACY, value: textOf(value) };
    sections.set(section, { ...(isObject(items) ? items : {}), ...Object.fromEntries([[name, item]]) });
  }
  return Object.fromEntries(sections);
}

function withDesign(design: Parameters, configuration: Parameters): Parameters {
  const items = Object.entries(design).map(([name, value]) => [name, { name, type: LEGACY, value: textOf(value) }]);
  return { ...configuration, ...Object.fromEntries(items) };
}

function withInput(model: string, models: Parameters): Parameters {
  const given = Array.isArray(models['input']) ? models['input'] : [];
  const others = given.filter((item) => !isObject(item) || item['name'] !== ONE_MODEL.input);
  return { ...models, input: [{ name: ONE_MODEL.input, model }, ...others] };
}

function container(command: string): Parameters {
  const [image = '', ...rest] = command.trim().split(/\s+/);
  return { image, ...(rest.length > 0 ? { arguments: rest.join(' ') } : {}) };
}

/** The documents as clients of this version look for them. */
export function forVersion(documents: readonly Document[], version: Version): readonly Document[] {
  if (atLeast(version, WITH_MODELS)) return documents;
  return documents.map((document) => {
    const older = withOneModel(document);
    return atLeast(version, WITH_SECTIONS) ? older : withoutSections(older);
  });
}

const members = (value: unknown): Parameters => (isObject(value) ? value : {});
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function withOneModel(document: Document): Document {
  const { input, output } = members(document['models']);
  const first = members(listOf(input)[0])['model'];
  const last = members(listOf(output).at(-1))['model'];
  const { image, arguments: args } = members(document['container']);
  const command = [image, args].filter((part) => typeof part === 'string' && part !== '').join(' ');
  const execution = { ...(first ? { model: first } : {}), ...(command ? { docker_cmd: command } : {}) };
  return {
    ...document,
    ...(first || command ? { execution: { ...members(document['execution']), ...execution } } : {}),
    ...(last ? { output: { ...members(document['output']), model: last } } : {}),
  };
}

function withoutSections(document: Document): Document {
  const old = (items: unknown) => Object.values(members(items)).filter(isLegacy).map(members);
  const parameters = Object.values(members(document['hyperparams'])).flatMap(old);
  const design = old(document['configuration']);
  if (parameters.length === 0 && design.length === 0) return document;
  const fullName = ({ section, name }: Parameters) => (section === TF_DEFINE ? `${TF_DEFINE}/${name}` : String(name));
  const named = (items: Parameters[], of: (item: Parameters) => string) =>
    Object.fromEntries(items.map((item) => [of(item), item['value']]));
  return {
    ...document,
    execution: {
      ...members(document['execution']),
      ...(parameters.length > 0 ? { parameters: named(parameters, fullName) } : {}),
      ...(design.length > 0 ? { model_desc: named(design, ({ name }) => String(name)) } : {}),
    },
  };
}

const MOVED: readonly (readonly [RegExp, string])[] = [
  [/^execution\.parameters(?=\.|$)/, `hyperparams.${ARGS}`],
  [/^execution\.model_desc(?=\.|$)/, 'configuration'],
  [/^execution\.docker_cmd(?=\.|$)/, 'container'],
  [/^execution\.model(?=\.|$)/, 'models.input.model'],
  [/^output\.model(?=\.|$)/, 'models.output.model'],
];

/** A path of `order_by` or `only_fields` in its newer place; the sign stays in front. */
export function newerPath(path: string): string {
  const sign = /^[-+]/.exec(path)?.[0] ?? '';
  const moved = MOVED.find(([old]) => old.test(path.slice(sign.length)));
  return moved ? sign + path.slice(sign.length).replace(moved[0], moved[1]) : path;
}
