import { A1_EI, EiJob } from '@ranloop/contracts/a1';
import { RanloopError } from '@ranloop/contracts/errors';
import { EiDelivery, R1_EI } from '@ranloop/contracts/r1';
import { checker } from '@ranloop/contracts/schema';
import type { Authenticator } from '@ranloop/kit/auth';
import { requireIdentity } from '@ranloop/kit/http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { EnrichmentInformation } from './ei.ts';

const checkJob = checker(EiJob);
const checkDelivery = checker(EiDelivery);
const MOST_ID = 256;

type Id = { Params: { id: string } };

/** A1-EI v1 (O-RAN.WG2.A1AP 7): the Non-RT RIC is the server. The standard has no credentials here, so callers from other hosts must show some. */
export function eiServerRoutes(
  scope: FastifyInstance,
  { ei, auth }: { ei: EnrichmentInformation; auth: Authenticator },
): void {
  scope.addHook('onRequest', async (request) => {
    if (isLoopback(request) || (await auth.identify(request.headers))) return;
    throw new RanloopError('RL_UNAUTHENTICATED', 'from another host, send Authorization: Basic or Bearer');
  });
  scope.get(`${A1_EI}/eitypes`, () => ei.types());
  scope.get<Id>(`${A1_EI}/eitypes/:id`, ({ params }) => {
    ei.requireType(params.id);
    return { eiJobDefinitionSchema: { type: 'object' }, eiJobResultSchema: { type: 'object' } };
  });
  scope.get<{ Querystring: { eiTypeId?: string; owner?: string } }>(`${A1_EI}/eijobs`, ({ query }) =>
    ei.list({ eiTypeId: query.eiTypeId, owner: query.owner }),
  );
  scope.put<Id>(`${A1_EI}/eijobs/:id`, async (request, reply) => {
    const { id } = request.params;
    if (id.length > MOST_ID)
      throw new RanloopError('RL_INVALID', `an EI job id has at most ${MOST_ID} characters`, {
        fields: [{ path: '/eiJobId', problem: 'is too long' }],
      });
    const job = checkJob(request.body, 'EI job');
    const isNew = await ei.put(id, job);
    if (isNew) reply.header('location', `${A1_EI}/eijobs/${encodeURIComponent(id)}`);
    return reply.code(isNew ? 201 : 200).send(job);
  });
  scope.get<Id>(`${A1_EI}/eijobs/:id`, ({ params }) => ei.get(params.id));
  scope.get<Id>(`${A1_EI}/eijobs/:id/status`, ({ params }) => ei.status(params.id));
  scope.delete<Id>(`${A1_EI}/eijobs/:id`, async ({ params }, reply) => {
    await ei.remove(params.id);
    return reply.code(204).send();
  });
}

export function eiProducerRoutes(
  scope: FastifyInstance,
  { ei, auth }: { ei: EnrichmentInformation; auth: Authenticator },
): void {
  requireIdentity(scope, auth);
  scope.post<Id>(`${R1_EI}/:id`, (request) => ei.deliver(request.params.id, checkDelivery(request.body, 'delivery')));
}

function isLoopback(request: FastifyRequest): boolean {
  return /^(127\.|::1$|::ffff:127\.)/.test(request.ip);
}
