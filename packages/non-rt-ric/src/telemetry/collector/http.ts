import type { RefusedEvent } from '@ranloop/contracts/r1';
import { VES_MOST_BYTES, vesRequestError } from '@ranloop/contracts/ves';
import type { Log } from '@ranloop/kit/log';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../refusal.ts';
import type { Writer } from '../writer.ts';
import type { AcceptRules } from './accept.ts';
import type { Admission } from './admission.ts';
import { answerError } from './answer.ts';
import { EVENT_FORMATS, type EventFormat } from './formats.ts';
import type { Guard } from './guard.ts';
import { storeEach, storeWhole } from './take.ts';
import { checkVersion, formatOf } from './versions.ts';

export interface CollectorDeps {
  readonly guard: Guard;
  readonly admission: Admission;
  readonly writer: Writer;
  readonly rules: AcceptRules;
  /** A batch is refused whole for one bad event, or each event is judged by itself. */
  readonly batch: 'whole' | 'each';
  readonly onRefused: (refused: RefusedEvent) => void;
  /** False while the room is not started or is stopping. */
  readonly ready: () => boolean;
  readonly log: Log;
}

const OTHER_VERBS = ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The VES event listener on one port. `open`: no credentials are asked for, since only this machine can reach it. */
export function registerCollector(app: FastifyInstance, open: boolean, deps: CollectorDeps): void {
  const answering = { onRefused: deps.onRefused, log: deps.log, now: deps.rules.now };
  app.get('/healthcheck', async (_request, reply) => {
    if (deps.ready()) return { status: 'ready' };
    return reply.code(503).send({ status: 'not ready' });
  });
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer', bodyLimit: VES_MOST_BYTES },
      async (_request: FastifyRequest, body: Buffer) => body,
    );
    scope.addHook('onRequest', async (request, reply) => {
      const format = formatOf(request.url);
      reply.headers(format.headers);
      if (request.method !== 'POST') return;
      if (!open && !(await deps.guard(request))) {
        reply.header('www-authenticate', 'Basic realm="ranloop"');
        throw new Refusal('POL0001');
      }
      checkVersion(request, format);
      if (!deps.ready()) throw new Refusal('SVC1000');
    });
    deps.admission.guard(scope);
    scope.setErrorHandler((error, request, reply) => answerError(error, request, { reply, deps: answering }));
    for (const format of EVENT_FORMATS) routes(scope, format, deps);
    scope.route({ method: ['POST', ...OTHER_VERBS], url: '/eventListener/:version/*', handler: unknownVersion });
    scope.route({ method: ['POST', ...OTHER_VERBS], url: '/eventListener/:version', handler: unknownVersion });
  });
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

function routes(scope: FastifyInstance, format: EventFormat, deps: CollectorDeps): void {
  const single: Handler = (request, reply) => storeWhole(request, reply, { format, deps, batch: false });
  const batch: Handler = (request, reply) => {
    if (deps.batch === 'each') return storeEach(request, reply, { format, deps });
    return storeWhole(request, reply, { format, deps, batch: true });
  };
  for (const [url, handler] of [
    [format.path, single],
    [`${format.path}/:topic`, single],
    [`${format.path}/eventBatch`, batch],
  ] as const) {
    scope.post(url, handler);
    scope.route({
      method: OTHER_VERBS,
      url,
      handler: async (_request, reply) =>
        reply
          .code(405)
          .header('allow', 'POST')
          .send(vesRequestError('SVC0001', ['events are sent with POST'])),
    });
  }
}

async function unknownVersion(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { version } = request.params as { version: string };
  const spoken = EVENT_FORMATS.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)).join(' and ');
  const told = `this collector speaks ${spoken}, not ${version.slice(0, 32)}`;
  return reply.code(404).send(vesRequestError('SVC0001', [told]));
}
