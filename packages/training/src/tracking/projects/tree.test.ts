import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTracking, type TestServer } from '../testing/server.ts';

/** The tree of projects against a plain model of it: names by id, where a name says the place. */

let server: TestServer;
beforeAll(async () => {
  server = await startTracking();
});
afterAll(() => server.stop());

type Model = Map<string, string>;
type Step =
  | { kind: 'create'; at: number; name: string }
  | { kind: 'rename'; at: number; name: string }
  | { kind: 'move' | 'merge'; at: number; to: number }
  | { kind: 'delete'; at: number };

const placeOf = (name: string) => name.split('/').slice(0, -1).join('/');
const baseOf = (name: string) => name.split('/').at(-1) ?? '';
const join = (place: string, base: string) => (place === '' ? base : `${place}/${base}`);
const isWithin = (name: string, top: string) => name === top || name.startsWith(`${top}/`);

/** Renames all below one place; undefined when a name would be taken or too deep. */
function moved(model: Model, from: string, to: string): Model | undefined {
  const next: Model = new Map(
    [...model].map(([id, name]) => [id, isWithin(name, from) ? to + name.slice(from.length) : name]),
  );
  const names = [...next.values()];
  const unique = new Set(names).size === names.length;
  return unique && names.every((name) => name.split('/').length <= 10) ? next : undefined;
}

const pick = (model: Model, at: number): [string, string] | undefined =>
  [...model].sort()[at % Math.max(1, model.size)];

/** What the call would make of the tree; undefined: it is refused. */
function expected(model: Model, step: Step, target: [string, string]): Model | undefined {
  const [id, name] = target;
  if (step.kind === 'delete') return new Map([...model].filter(([, other]) => !isWithin(other, name)));
  if (step.kind === 'rename') {
    const to = join(placeOf(name), step.name);
    return to === name ? model : moved(model, name, to);
  }
  if (step.kind === 'create') return undefined;
  const [otherId, other] = pick(model, step.to) ?? ['', ''];
  if (step.kind === 'move') {
    if (isWithin(other, name) || placeOf(name) === other) return undefined;
    return moved(model, name, join(other, baseOf(name)));
  }
  if (otherId === id || isWithin(other, name)) return undefined;
  const without: Model = new Map([...model].filter(([one]) => one !== id));
  const next: Model = new Map(
    [...without].map(([one, own]) => [one, isWithin(own, name) ? other + own.slice(name.length) : own]),
  );
  const names = [...next.values()];
  const fits = new Set(names).size === names.length && names.every((own) => own.split('/').length <= 10);
  return fits ? next : undefined;
}

function callOf(model: Model, step: Step, [project, name]: [string, string]): [string, object] {
  if (step.kind === 'delete') return ['projects.delete', { project, force: true }];
  if (step.kind === 'rename') return ['projects.update', { project, name: join(placeOf(name), step.name) }];
  if (step.kind === 'create') return ['projects.create', { name: join(name, step.name) }];
  const [id = '', place = ''] = pick(model, step.to) ?? [];
  return step.kind === 'move'
    ? ['projects.move', { project, new_location: place }]
    : ['projects.merge', { project, destination_project: id }];
}

const stored = async () => {
  const { projects } = await server.call<{ projects: { id: string; name: string; parent?: { id: string } }[] }>(
    'projects.get_all_ex',
    { search_hidden: true },
  );
  const byId = new Map(projects.map((one) => [one.id, one.name]));
  // Parents and names say the same, and the ancestors are those that a search below finds.
  for (const { name, parent } of projects) expect(parent ? byId.get(parent.id) : '').toBe(placeOf(name));
  return byId;
};

const at = fc.nat(40);
const name = fc.constantFrom('aaa', 'bbb', 'ccc', 'a.b', 'ü x');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('create' as const), at, name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rename' as const), at, name }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('move' as const, 'merge' as const), at, to: at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), at }) },
);

test('creations, renames, moves, merges and deletions do what the same on a plain map does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      for (const [id, own] of await stored())
        if (placeOf(own) === '') await server.call('projects.delete', { project: id });
      let model: Model = new Map();
      for (const top of ['top', 'aaa'])
        model.set((await server.call<{ id: string }>('projects.create', { name: top })).id, top);
      for (const one of steps) {
        const target = pick(model, one.at);
        if (!target) break;
        const [action, body] = callOf(model, one, target);
        const { meta, data } = await server.envelope(action, body);
        if (one.kind === 'create') {
          const made = join(target[1], one.name);
          const free = ![...model.values()].includes(made) && made.split('/').length <= 10;
          expect([action, body, meta.result_code]).toEqual([action, body, free ? 200 : 400]);
          if (free) model.set(String(data['id']), made);
          continue;
        }
        const next = expected(model, one, target);
        expect([action, body, meta.result_code]).toEqual([action, body, next ? 200 : 400]);
        model = next ?? model;
      }
      expect(await stored()).toEqual(model);
      for (const [id, own] of model) {
        const { projects } = await server.call<{ projects: { id: string }[] }>('projects.get_all', { parent: [id] });
        const below = [...model].filter(([other, path]) => other !== id && isWithin(path, own)).map(([other]) => other);
        expect(projects.map((one) => one.id).sort()).toEqual(below.sort());
      }
    }),
    { numRuns: 40 },
  );
}, 120_000);
