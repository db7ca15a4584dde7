import { A1_P, type PolicyTypeObject } from '@ranloop/contracts/a1';
import { problemDetails, RanloopError } from '@ranloop/contracts/errors';
import { RIC_POLICIES } from '@ranloop/contracts/ric';
import { checker } from '@ranloop/contracts/schema';
import type { Authenticator } from '@ranloop/kit/auth';
import { requireIdentity } from '@ranloop/kit/http';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { checkDestination } from './notifier.ts';
import type { Policies } from './policies.ts';
import { statusOf } from './store.ts';
import type { PolicyType } from './types.ts';

const Id = Type.String({ minLength: 1, maxLength: 256 });
const checkPath = checker(Type.Object({ type: Id, policy: Type.Optional(Id) }));
const checkQuery = checker(
  Type.Object({ notificationDestination: Type.Optional(Type.String()) }, { additionalProperties: false }),
);
const MOST_LISTED = 1_000;

interface Call {
  readonly params: unknown;
}

/** Refuses peers on other machines: A1-P has no authentication of its own. */
export function loopbackOnly(scope: FastifyInstance): void {
  scope.addHook('onRequest', async (request) => {
    const ip = request.socket.remoteAddress ?? '';
    // Injected requests of tests have no socket of their own; Fastify gives them the loopback address.
    if (!/^(::ffff:)?127\.|^::1$/.test(ip))
      throw new RanloopError('RL_FORBIDDEN', 'the A1 port serves this machine only');
  });
}

/** JSON is the one content type of A1; without this Fastify would take text too. */
export function jsonOnly(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Many clients name a content type on GET and DELETE too, and send no content.
    if (body === '') done(null, undefined);
    else void parse(request, body, done);
  });
}

/** A1-P v2 (O-RAN.WG2.A1AP), Near-RT RIC side. */
export function registerA1P(
  scope: FastifyInstance,
  {
    types,
    policies,
    count,
  }: { types: ReadonlyMap<string, PolicyType>; policies: Policies; count: (operation: string) => void },
): void {
  const path = ({ params }: Call) => {
    const { type, policy } = checkPath(params, 'path');
    return { type, policy: policy ?? '' };
  };

  scope.get(`${A1_P}/policytypes`, async () => [...types.keys()]);
  scope.get(`${A1_P}/policytypes/:type`, async (request): Promise<PolicyTypeObject> => {
    return policies.typeOf(path(request).type).object;
  });
  scope.get(`${A1_P}/policytypes/:type/policies`, async (request) => policies.ids(path(request).type));
  scope.put(`${A1_P}/policytypes/:type/policies/:policy`, async (request, reply) => {
    count('put');
    const { type, policy } = path(request);
    const { notificationDestination } = checkQuery(request.query, 'query');
    const outcome = await policies.put(type, policy, {
      body: request.body,
      notificationDestination: notificationDestination && checkDestination(notificationDestination),
    });
    if (outcome === 'full') {
      const problem = problemDetails(new RanloopError('RL_BUSY', 'no room for another policy'));
      return reply
        .code(507)
        .type('application/problem+json')
        .send({ ...problem, title: 'Insufficient storage', status: 507 });
    }
    if (!outcome.created) return outcome.row.body;
    const location = `${A1_P}/policytypes/${encodeURIComponent(type)}/policies/${encodeURIComponent(policy)}`;
    return reply.code(201).header('location', location).send(outcome.row.body);
  });
  scope.get(`${A1_P}/policytypes/:type/policies/:policy`, async (request) => {
    const { type, policy } = path(request);
    return (await policies.get(type, policy)).body;
  });
  scope.delete(`${A1_P}/policytypes/:type/policies/:policy`, async (request, reply) => {
    count('delete');
    const { type, policy } = path(request);
    await policies.remove(type, policy);
    return reply.code(204).send();
  });
  scope.get(`${A1_P}/policytypes/:type/policies/:policy/status`, async (request) => {
    count('status');
    const { type, policy } = path(request);
    return statusOf(await policies.get(type, policy));
  });
}

/** For the dashboard, on the management port. */
export function registerOverview(
  app: FastifyInstance,
  { auth, policies }: { auth: Authenticator; policies: Policies },
): void {
  app.register(async (scope) => {
    requireIdentity(scope, auth);
    scope.get(RIC_POLICIES, async () => policies.overview(MOST_LISTED));
  });
}
