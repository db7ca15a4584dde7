import { RanloopError } from '@ranloop/contracts/errors';
import { NODEB, type NodeInfo, RIC_V1, type SubscriptionInfo } from '@ranloop/contracts/ric';
import { checker } from '@ranloop/contracts/schema';
import type { Authenticator } from '@ranloop/kit/auth';
import { requireIdentity } from '@ranloop/kit/http';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { NodeTable } from './node-table.ts';

const checkParams = checker(Type.Object({ ran: Type.String({ minLength: 1, maxLength: 256 }) }));

export function registerRoutes(app: FastifyInstance, { auth, nodes }: { auth: Authenticator; nodes: NodeTable }): void {
  const find = (params: unknown): NodeInfo => {
    const { ran } = checkParams(params, 'path');
    const node = nodes.get(ran);
    if (!node) throw new RanloopError('RL_NOT_FOUND', `no E2 node ${ran}`);
    return node;
  };
  const stateOf = ({ ranName, globalNbId, connectionStatus }: NodeInfo) => ({
    inventoryName: ranName,
    globalNbId,
    connectionStatus,
  });

  app.register(async (scope) => {
    requireIdentity(scope, auth);
    scope.get(`${NODEB}/states`, async () => nodes.all().map(stateOf));
    scope.get(`${NODEB}/states/:ran`, async (request) => stateOf(find(request.params)));
    scope.get(`${NODEB}/:ran`, async (request) => find(request.params));
    scope.put(`${NODEB}/:ran/reset`, async (request, reply) => {
      const { ranName } = find(request.params);
      const node = nodes.connected.get(ranName);
      if (!node?.reset({ misc: 'om-intervention' }))
        throw new RanloopError('RL_CONFLICT', `E2 node ${ranName} is not connected`);
      return reply.code(204).send();
    });
    scope.get(`${RIC_V1}/subscriptions`, async () => subscriptions(nodes));
  });
}

function subscriptions(nodes: NodeTable): SubscriptionInfo[] {
  return [...nodes.connected.values()].flatMap((node) =>
    [...node.table.subscriptions.values()].map(({ id, client, ranFunctionID, actions }) => ({
      SubscriptionId: id.ricInstanceID,
      Meid: node.meid,
      ClientEndpoint: [client],
      RANFunctionID: ranFunctionID,
      actions,
    })),
  );
}
