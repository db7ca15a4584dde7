import { RanloopError } from '@ranloop/contracts/errors';
import type { RefusedEvent } from '@ranloop/contracts/r1';
import {
  VES_EVENT_LISTENER,
  VES_MESSAGES,
  VES_MOST_BYTES,
  VES_VERSION_HEADERS,
  vesRequestError,
} from '@ranloop/contracts/ves';
import type { Authenticator } from '@ranloop/kit/auth';
import type { Log } from '@ranloop/kit/log';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../refusal.ts';
import type { Writer } from '../writer.ts';
import { type AcceptRules, accept } from './accept.ts';
import type { Admission } from './admission.ts';
import { decodeBody, parseBatch, parseSingle } from './parse.ts';

export interface CollectorDeps {
  readonly auth: Authenticator;
  readonly admission: Admission;
  readonly writer: Writer;
  readonly rules: AcceptRules;
  readonly onRefused: (refused: RefusedEvent) => void;
  /** False while the room is not started or is stopping. */
  readonly ready: () => boolean;
  readonly log: Log;
}

const OTHER_VERBS = ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The VES event listener on one port. `open`: no credentials are asked for, since only this machine can reach it. */
export function registerCollector(app: FastifyInstance, open: boolean, deps: CollectorDeps): void {
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
      reply.headers(VES_VERSION_HEADERS);
      if (request.method !== 'POST') return;
      if (!open && !(await deps.auth.identify(request.headers))) {
        reply.header('www-authenticate', 'Basic realm="ranloop"');
        throw new Refusal('POL0001');
      }
      if (!deps.ready()) throw new Refusal('SVC1000');
    });
    deps.admission.guard(scope);
    scope.setErrorHandler((error, request, reply) => answerError(error, request, { reply, deps }));
    const single = (body: unknown) => parseSingle(body);
    routes(scope, VES_EVENT_LISTENER, { parse: single, deps });
    routes(scope, `${VES_EVENT_LISTENER}/:topic`, { parse: single, deps });
    routes(scope, `${VES_EVENT_LISTENER}/eventBatch`, { parse: parseBatch, deps });
    scope.route({
      method: ['POST', ...OTHER_VERBS],
      url: '/eventListener/:version/*',
      handler: unknownVersion,
    });
    scope.route({ method: ['POST', ...OTHER_VERBS], url: '/eventListener/:version', handler: unknownVersion });
  });
}

interface RouteOf {
  readonly parse: (body: unknown) => ReturnType<typeof parseSingle>;
  readonly deps: CollectorDeps;
}

function routes(scope: FastifyInstance, url: string, { parse, deps }: RouteOf): void {
  scope.post(url, async (request, reply) => {
    if (!Buffer.isBuffer(request.body)) throw new Refusal('SVC2006', ['body', 'application/json']);
    const events = parse(decodeBody(request.body));
    const accepted = events.map((event, index) => {
      try {
        return accept(event, deps.rules, request.ip);
      } catch (error) {
        const where = events.length > 1 || url.endsWith('eventBatch') ? `eventList/${index}` : 'event';
        throw error instanceof Refusal ? inEvent(error, where, event.commonEventHeader.eventId) : error;
      }
    });
    await deps.writer.submit(accepted);
    return reply.code(202).send();
  });
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

/** Puts the place of the event before the field that a rule refused, and its eventId behind. */
function inEvent(refusal: Refusal, where: string, eventId: string): Refusal {
  const [kind = '', field = '', ...rest] = refusal.variables;
  return new Refusal(refusal.id, [kind, `${where}/${field}`, ...rest, `eventId ${eventId.slice(0, 256)}`]);
}

async function unknownVersion(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { version } = request.params as { version: string };
  const told = `this collector speaks v7, not ${version.slice(0, 32)}`;
  return reply.code(404).send(vesRequestError('SVC0001', [told]));
}

interface Answer {
  readonly reply: FastifyReply;
  readonly deps: CollectorDeps;
}

function answerError(error: unknown, request: FastifyRequest, { reply, deps }: Answer): FastifyReply {
  const refusal = refusalOf(error);
  const { status: usual } = VES_MESSAGES[refusal.id];
  const status = refusal.status ?? usual;
  if (status >= 500 && refusal.id !== 'SVC1000') deps.log.error({ err: error }, 'event request failed');
  if (status >= 400 && status < 500 && status !== 401) deps.onRefused(refusedEvent(refusal, request, deps.rules.now()));
  if (status === 503) reply.header('retry-after', '1');
  return reply.code(status).type('application/json').send(vesRequestError(refusal.id, refusal.variables));
}

/** Whatever was thrown, in the messages of VES. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof RanloopError) {
    if (error.code === 'RL_BUSY' || error.code === 'RL_STORE') return new Refusal('SVC1000');
    if (error.status < 500) return new Refusal('SVC0001', [error.message.slice(0, 500)]);
  }
  const { statusCode } = error as FastifyError;
  if (statusCode === 413) return new Refusal('POL9003', [String(VES_MOST_BYTES)]);
  if (statusCode === 415) return new Refusal('SVC0001', ['Content-Type must be application/json'], 415);
  if (statusCode !== undefined && statusCode < 500)
    return new Refusal('SVC0001', [(error as Error).message.slice(0, 500)]);
  return new Refusal('SVC2000', ['the event was not stored; send it again', 'RL_INTERNAL']);
}

function refusedEvent(refusal: Refusal, request: FastifyRequest, time: number): RefusedEvent {
  const body = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
  const place = refusal.variables.find((variable) => /^(?:event|eventList\/\d+)(?:\/|$)/.test(variable)) ?? 'event';
  const header = headerAt(body, place);
  const told = (name: string) => (typeof header[name] === 'string' ? header[name] : '');
  return {
    time,
    source: told('sourceName'),
    domain: told('domain'),
    eventId: told('eventId'),
    reason: `${refusal.id}: ${fill(VES_MESSAGES[refusal.id].text, refusal.variables)}`,
    body,
  };
}

function headerAt(body: string, place: string): Readonly<Record<string, unknown>> {
  try {
    const [root = '', index = ''] = place.split('/');
    const parsed = JSON.parse(body) as Record<string, never>;
    const event = root === 'eventList' ? parsed[root]?.[index] : parsed['event'];
    return event?.['commonEventHeader'] ?? {};
  } catch {
    return {};
  }
}

function fill(text: string, variables: readonly string[]): string {
  const used = text.replace(/%(\d)/g, (_whole, digit: string) => variables[Number(digit) - 1] ?? '');
  const further = variables.slice((text.match(/%\d/g) ?? []).length);
  return further.length > 0 ? `${used} (${further.join(', ')})` : used;
}
