import { RanloopError } from '@ranloop/contracts/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticator, Identity } from '../auth/index.ts';

const IDENTITY = Symbol('identity');

/** Adds a hook to this Fastify scope: requests without a valid identity are refused before their body is read. */
export function requireIdentity(app: FastifyInstance, auth: Authenticator): void {
  app.addHook('onRequest', async (request, reply) => {
    const identity = await auth.identify(request.headers);
    if (!identity) {
      // Basic is taken as well, but naming it here would make browsers ask for a password over the dashboard.
      reply.header('www-authenticate', 'Bearer realm="ranloop"');
      throw new RanloopError('RL_UNAUTHENTICATED', 'send Authorization: Basic <key:secret> or Bearer <token>');
    }
    (request as FastifyRequest & { [IDENTITY]?: Identity })[IDENTITY] = identity;
  });
}

/** Who sent a request that passed `requireIdentity`. */
export function identityOf(request: FastifyRequest): Identity {
  const identity = (request as FastifyRequest & { [IDENTITY]?: Identity })[IDENTITY];
  if (!identity) throw new RanloopError('RL_UNAUTHENTICATED', 'no identity on this request');
  return identity;
}
