import { R1_TELEMETRY, type Sample, TelemetryQuery } from '@ranloop/contracts/r1';
import { checker } from '@ranloop/contracts/schema';
import type { Authenticator } from '@ranloop/kit/auth';
import { requireIdentity, sendEvents } from '@ranloop/kit/http';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { RefusedLog } from './events/refused.ts';
import { checkFill, filled } from './fill.ts';
import type { Rate } from './rates.ts';
import type { TelemetryStore } from './store/index.ts';
import type { SampleStream } from './stream.ts';

export interface R1Deps {
  readonly auth: Authenticator;
  readonly store: TelemetryStore;
  readonly refused: RefusedLog;
  readonly stream: SampleStream;
  readonly events: Rate;
  readonly samples: Rate;
  readonly refusals: Rate;
  /** Which unit of time each source writes. */
  readonly timeUnits: () => Promise<readonly { source: string; unit: string }[]>;
}

const Text = (most: number) => Type.String({ minLength: 1, maxLength: most });
const Several = (most: number) => Type.Optional(Type.Union([Text(most), Type.Array(Text(most), { maxItems: 1_000 })]));
const Page = Type.Object(
  { source: Type.Optional(Text(256)), limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,4}$' })) },
  { additionalProperties: false },
);
const Whole = Type.Optional(Type.String({ pattern: '^[0-9]{1,16}$' }));
const Refusals = Type.Object(
  {
    source: Type.Optional(Text(1_024)),
    domain: Type.Optional(Text(64)),
    eventId: Type.Optional(Text(1_024)),
    code: Type.Optional(Type.String({ pattern: '^[A-Z]{3}[0-9]{4}$' })),
    /** Microseconds; `to` is not included. */
    from: Whole,
    to: Whole,
    /** The `next` of the page before. */
    before: Whole,
    limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,3}$' })),
  },
  { additionalProperties: false },
);
const Filter = Type.Object(
  { counter: Several(256), source: Several(256), object: Several(1_024) },
  { additionalProperties: false },
);

const checkQuery = checker(TelemetryQuery);
const checkPage = checker(Page);
const checkRefusals = checker(Refusals);
const checkFilter = checker(Filter);

/**
 * The query API. Repeated parameters name several values: `?counter=A&counter=B`. The stream goes on behind the
 * `Last-Event-ID` of the header; where that is remembered no more, an event `missed` says so first.
 */
export function registerR1(app: FastifyInstance, deps: R1Deps): void {
  app.register(
    async (scope) => {
      requireIdentity(scope, deps.auth);
      scope.get('/sources', async () => ({ sources: await deps.store.sources() }));
      scope.get('/objects', async (request) => ({ objects: await deps.store.objects(page(request.query)) }));
      scope.get('/counters', async (request) => ({ counters: await deps.store.counters(page(request.query)) }));
      scope.post('/query', async (request) => {
        const query = checkQuery(request.body, 'query');
        checkFill(query);
        return filled(query, await deps.store.query(query));
      });
      scope.get('/last', async (request) => ({ samples: await deps.store.last(filter(request.query)) }));
      scope.get('/refused', async (request) => {
        const { limit, from, to, before, ...same } = checkRefusals(request.query, 'parameters');
        const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
        const bounds = { from: number(from), to: number(to), before: number(before) };
        return deps.refused.list({ most: Number(limit ?? 100), ...same, ...bounds });
      });
      scope.get('/stats', async () => ({
        events: deps.events.read(),
        samples: deps.samples.read(),
        refused: deps.refusals.read(),
        timeUnits: await deps.timeUnits(),
      }));
      scope.get('/stream', (request, reply) => {
        const wanted = filter(request.query);
        const sink = sendEvents(reply, () => unsubscribe());
        const listener = {
          samples: (samples: readonly Sample[], id?: string) =>
            void sink.send({ ...(id === undefined ? {} : { id }), event: 'samples', data: samples }),
          missed: () => void sink.send({ event: 'missed', data: {} }),
          end: () => sink.close(),
        };
        const after = request.headers['last-event-id'];
        const unsubscribe = deps.stream.subscribe(wanted, listener, typeof after === 'string' ? after : undefined);
      });
    },
    { prefix: R1_TELEMETRY },
  );
}

function page(query: unknown) {
  const { source, limit } = checkPage(query, 'parameters');
  return { most: Number(limit ?? 10_000), ...(source === undefined ? {} : { source }) };
}

function filter(query: unknown) {
  const { counter, source, object } = checkFilter(query, 'parameters');
  return {
    ...(counter === undefined ? {} : { counters: [counter].flat() }),
    ...(source === undefined ? {} : { sources: [source].flat() }),
    ...(object === undefined ? {} : { objects: [object].flat() }),
  };
}
