import type { Call, Endpoint, Input } from './endpoint.ts';
import { isObject, type Parameters } from './parameters.ts';
import { atLeast, type Version } from './path.ts';

/**
 * Until 2.3 an entity had one list of tags, and some of them had a meaning to the server. Clients of that time send and get
 * both kinds in `tags`.
 */
const WITH_SYSTEM_TAGS: Version = [2, 3];

/** Which tags of a service have a meaning. */
const SYSTEM: Readonly<Record<string, RegExp>> = {
  tasks: /^-?(?:archived|development|annotat.*)$/i,
  models: /^-?archived$/,
  projects: /^-?(?:archived|public|default)$/,
  queues: /^-?default$/,
};

export function withOneTagList(endpoint: Endpoint): Endpoint {
  const [service = ''] = endpoint.name.split('.');
  const system = Object.hasOwn(SYSTEM, service) ? SYSTEM[service] : undefined;
  if (!system) return endpoint;
  return {
    ...endpoint,
    async run(input: Input, call: Call) {
      if (atLeast(call.version, WITH_SYSTEM_TAGS)) return endpoint.run(input, call);
      const split = (given: Parameters) => partition(given, system);
      const parted = 'one' in input ? { one: split(input.one) } : { batch: input.batch.map(split) };
      const answer = await endpoint.run(parted, call);
      return Object.fromEntries(Object.entries(answer).map(([key, value]) => [key, joined(value)]));
    },
  };
}

/** An operator such as `__$not` goes with the value behind it, to either side. */
function partition(given: Parameters, system: RegExp): Parameters {
  const { tags, system_tags } = given;
  if (!Array.isArray(tags)) return given;
  const own: unknown[] = [];
  const meant: unknown[] = Array.isArray(system_tags) ? [...(system_tags as unknown[])] : [];
  let operators: unknown[] = [];
  for (const tag of tags as unknown[]) {
    if (typeof tag === 'string' && tag.startsWith('__$')) {
      operators.push(tag);
      continue;
    }
    (typeof tag === 'string' && system.test(tag) ? meant : own).push(...operators, tag);
    operators = [];
  }
  return { ...given, tags: [...own, ...operators], system_tags: meant };
}

function joined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(joined);
  if (!isObject(value) || !Array.isArray(value['system_tags'])) return value;
  const { system_tags, tags, ...rest } = value;
  return { ...rest, tags: [...(Array.isArray(tags) ? (tags as unknown[]) : []), ...(system_tags as unknown[])] };
}
