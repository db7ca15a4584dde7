import { RanloopError } from '@ranloop/contracts/errors';
import { R1_RAPPS, type RAppInfo } from '@ranloop/contracts/r1';
import { checker } from '@ranloop/contracts/schema';
import type { Authenticator } from '@ranloop/kit/auth';
import { requireIdentity, sendEvents } from '@ranloop/kit/http';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { RAppRegistry } from './registry.ts';
import type { RappsStore } from './store.ts';

const Text = Type.String({ minLength: 1, maxLength: 1_024 });
const Whole = Type.String({ pattern: '^[0-9]{1,16}$' });
const Filter = Type.Object(
  {
    cell: Type.Optional(Text),
    snssai: Type.Optional(Text),
    rule: Type.Optional(Text),
    modelId: Type.Optional(Text),
    from: Type.Optional(Whole),
    to: Type.Optional(Whole),
    limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,4}$' })),
  },
  { additionalProperties: false },
);
const checkFilter = checker(Filter);
const checkChanges = checker(Type.Record(Type.String(), Type.Unknown()));
const USUAL_LIMIT = 100;
const MOST_LISTED = 10_000;
const MOST_STREAMS = 100;

type Id = { Params: { id: string } };

export function rappsRoutes(
  scope: FastifyInstance,
  { registry, store, auth }: { registry: RAppRegistry; store: RappsStore; auth: Authenticator },
): void {
  requireIdentity(scope, auth);
  let streams = 0;
  const at = (path: string) => `${R1_RAPPS}/rapps${path}`;

  async function info(id: string): Promise<RAppInfo> {
    const { version, description, status } = registry.get(id);
    return { id, version, description, ...status(), decisions: await store.count(id) };
  }

  scope.get(at(''), async () => ({ rapps: await Promise.all(registry.ids.map(info)) }));
  scope.get<Id>(at('/:id'), ({ params }) => info(params.id));
  scope.post<Id>(at('/:id/start'), async ({ params }) => {
    await registry.setEnabled(params.id, true);
    return info(params.id);
  });
  scope.post<Id>(at('/:id/stop'), async ({ params }) => {
    await registry.setEnabled(params.id, false);
    return info(params.id);
  });
  scope.get<Id>(at('/:id/config'), ({ params }) => registry.get(params.id).config());
  scope.put<Id>(at('/:id/config'), async (request) =>
    registry.configure(request.params.id, checkChanges(request.body, 'configuration')),
  );

  scope.get<Id>(at('/:id/decisions'), async ({ params, query }) => {
    registry.get(params.id);
    const { limit, from, to, ...filter } = checkFilter(query, 'parameters');
    return {
      decisions: await store.list(params.id, {
        ...filter,
        from: from === undefined ? undefined : Number(from),
        to: to === undefined ? undefined : Number(to),
        limit: Math.min(MOST_LISTED, Number(limit ?? USUAL_LIMIT)),
      }),
    };
  });
  scope.get<{ Params: { id: string; decision: string } }>(at('/:id/decisions/:decision'), async ({ params }) => {
    registry.get(params.id);
    const decision = await store.find(params.id, params.decision);
    if (!decision) throw new RanloopError('RL_NOT_FOUND', `no decision ${params.decision}`);
    return decision;
  });
  scope.get<Id>(at('/:id/stream'), ({ params }, reply) => {
    const rapp = registry.get(params.id);
    if (streams >= MOST_STREAMS) throw new RanloopError('RL_BUSY', `${streams} streams are open, the most allowed`);
    streams++;
    const close: (() => void)[] = [];
    const sink = sendEvents(reply, () => {
      streams--;
      for (const end of close) end();
    });
    close.push(
      rapp.onDecisions((decisions) => {
        for (const decision of decisions) sink.send({ id: decision.id, event: 'decision', data: decision });
      }),
      registry.onStop(() => sink.close()),
    );
  });
}
