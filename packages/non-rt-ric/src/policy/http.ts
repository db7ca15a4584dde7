import { asRanloopError, problemDetails, RanloopError } from '@ranloop/contracts/errors';
import { PolicyRequest, R1_POLICY } from '@ranloop/contracts/r1';
import { checker } from '@ranloop/contracts/schema';
import type { Authenticator } from '@ranloop/kit/auth';
import { requireIdentity } from '@ranloop/kit/http';
import type { FastifyError, FastifyInstance } from 'fastify';
import Type from 'typebox';
import { CALLBACKS, type Policies } from './policies.ts';
import { type Rics, ricInfo } from './rics.ts';
import { ServiceRegistration, type Services } from './services.ts';
import { readStatus } from './status.ts';
import type { PolicyStore } from './store.ts';

export interface PolicyHttpParts {
  readonly policies: Policies;
  readonly rics: Rics;
  readonly store: PolicyStore;
  readonly services: Services;
  readonly auth: Authenticator;
}

const MOST_WAIT_SECONDS = 60;
const MOST_ID = 256;
const checkRequest = checker(PolicyRequest);
const checkPolicyObject = checker(Type.Record(Type.String(), Type.Unknown()));
const checkService = checker(ServiceRegistration);

type Id = { Params: { id: string } };
type Query = { Querystring: Record<string, string | string[] | undefined> };

/** Problem details throughout; PMS says 423 where a RIC is away. */
function dialect(scope: FastifyInstance): void {
  scope.setErrorHandler((thrown: FastifyError, request, reply) => {
    const isOurs = thrown instanceof RanloopError;
    if (!isOurs && (thrown.statusCode ?? 500) < 500) throw thrown;
    const error = asRanloopError(thrown);
    if (error.code === 'RL_INTERNAL') request.log.error({ err: thrown }, 'request failed');
    const problem = problemDetails(error);
    const status = error.code === 'RL_BUSY' ? 423 : problem.status;
    return reply
      .code(status)
      .type('application/problem+json')
      .send({ ...problem, status });
  });
}

export function policyRoutes(scope: FastifyInstance, parts: PolicyHttpParts): void {
  const { policies, rics, store, services } = parts;
  dialect(scope);
  requireIdentity(scope, parts.auth);
  const at = (path: string) => `${R1_POLICY}${path}`;

  scope.get(at('/status'), () => ({ status: 'success' }));
  scope.get<Query>(at('/rics'), ({ query }) => {
    const { policyTypeId } = queryOf(query, ['policyTypeId']);
    const all = rics.all.map(ricInfo);
    return { rics: policyTypeId ? all.filter((ric) => ric.policyTypeIds.includes(policyTypeId)) : all };
  });
  scope.get<Id>(at('/rics/:id'), ({ params }) => ricInfo(rics.get(params.id)));

  scope.get<Query>(at('/policy-types'), ({ query }) => {
    const { nearRtRicId, typeName, compatibleWithVersion } = queryOf(query, [
      'nearRtRicId',
      'typeName',
      'compatibleWithVersion',
    ]);
    if (compatibleWithVersion && !typeName) throw badQuery('compatibleWithVersion', 'needs typeName');
    const chosen = nearRtRicId ? [rics.get(nearRtRicId)] : rics.all;
    return chosen.flatMap((ric) =>
      [...ric.types.keys()]
        .filter((id) => isCompatible(id, typeName, compatibleWithVersion))
        .map((policyTypeId) => ({ policyTypeId, nearRtRicId: ric.config.ricId })),
    );
  });
  scope.get<Id>(at('/policy-types/:id'), ({ params }) => {
    for (const ric of rics.all) {
      const type = ric.types.get(params.id);
      if (type) return type.object;
    }
    throw new RanloopError('RL_NOT_FOUND', `no RIC has policy type ${params.id}`);
  });

  scope.post(at('/policies'), async (request, reply) => {
    const created = await policies.create(checkRequest(request.body, 'policy'));
    reply.header('location', at(`/policies/${encodeURIComponent(created.policyId)}`));
    return reply.code(201).send(created);
  });
  scope.get<Query>(at('/policies'), async ({ query }) => {
    const filter = queryOf(query, ['policyTypeId', 'nearRtRicId', 'serviceId', 'typeName']);
    const rows = await store.list({
      ricId: filter.nearRtRicId,
      typeId: filter.policyTypeId,
      serviceId: filter.serviceId,
      typePrefix: filter.typeName === undefined ? undefined : `${filter.typeName}_`,
    });
    return rows.map((row) => ({ policyId: row.policy_id, nearRtRicId: row.ric_id }));
  });
  scope.get<Id>(at('/policies/:id'), async ({ params }) => (await policies.find(params.id)).policy_object);
  scope.put<Id>(at('/policies/:id'), async (request, reply) => {
    const body = checkPolicyObject(request.body, 'policy');
    await policies.update(request.params.id, body);
    return reply.send(body);
  });
  scope.delete<Id>(at('/policies/:id'), async ({ params }, reply) => {
    await policies.remove(params.id);
    return reply.code(204).send();
  });
  scope.get<Id & Query>(at('/policies/:id/status'), ({ params, query }) =>
    policies.status(params.id, waitOf(queryOf(query, ['waitSeconds']).waitSeconds)),
  );
  scope.get<Id>(at('/policies/:id/history'), ({ params }) => policies.history(params.id));

  scope.put(at('/services'), async (request, reply) => {
    const service = checkService(request.body, 'service');
    const isNew = await services.register(service);
    return reply.code(isNew ? 201 : 200).send();
  });
  scope.get(at('/services'), async () => ({ serviceList: await services.list() }));
  scope.put<Id>(at('/services/:id/keepalive'), async ({ params }, reply) => {
    await services.keepAlive(params.id);
    return reply.code(200).send();
  });
  scope.delete<Id>(at('/services/:id'), async ({ params }, reply) => {
    await services.remove(params.id);
    for (const row of await store.list({ serviceId: params.id })) await policies.remove(row.policy_id);
    return reply.code(204).send();
  });
}

/**
 * Where RICs report the status of a policy. RICs show no credentials: the address holds a random token of 192 bits that
 * only the policy's own RIC was told, and a report can do no more than state the status of that policy.
 */
export function callbackRoutes(scope: FastifyInstance, { policies }: { policies: Policies }): void {
  // Known RICs send no content type, or text with JSON in it.
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 65_536 }, (_request, body, done) => done(null, body));
  scope.post<{ Params: { token: string } }>(`${CALLBACKS}/:token`, async (request, reply) => {
    const status = readStatus(request.body);
    if (!status)
      throw new RanloopError('RL_INVALID', 'not a policy status', {
        fields: [{ path: '/enforceStatus', problem: 'must be ENFORCED or NOT_ENFORCED' }],
      });
    if (await policies.reported(request.params.token, status)) return reply.code(204).send();
    throw new RanloopError('RL_NOT_FOUND', 'no policy has this callback address');
  });
}

/** PMS refuses query parameters that it does not know. */
function queryOf<K extends string>(query: Query['Querystring'], known: readonly K[]): { [P in K]?: string } {
  const result: { [P in K]?: string } = {};
  for (const [name, value] of Object.entries(query)) {
    const key = known.find((candidate) => candidate === name);
    if (!key) throw badQuery(name, `is not known; known are ${known.join(', ')}`);
    if (typeof value !== 'string' || value.length > MOST_ID) throw badQuery(name, 'must be given once, and be short');
    result[key] = value;
  }
  return result;
}

function badQuery(name: string, problem: string): RanloopError {
  return new RanloopError('RL_INVALID', `query parameter ${name} ${problem}`, {
    fields: [{ path: `/${name}`, problem }],
  });
}

function waitOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 0 && seconds <= MOST_WAIT_SECONDS) return seconds;
  throw badQuery('waitSeconds', `must be a number from 0 to ${MOST_WAIT_SECONDS}`);
}

/** `<Name>_<major.minor.patch>`: compatible with a version are those of the same major that are not older. */
function isCompatible(typeId: string, name: string | undefined, version: string | undefined): boolean {
  if (name === undefined) return true;
  if (!typeId.startsWith(`${name}_`)) return false;
  if (version === undefined) return true;
  const [has, wants] = [typeId.slice(name.length + 1), version].map((text) => text.split('.').map(Number));
  if (!has || !wants || has[0] !== wants[0]) return false;
  for (let at = 1; at < 3; at++) {
    const difference = (has[at] ?? 0) - (wants[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
