import { VES_MOST_BYTES } from '@ranloop/contracts/ves';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../refusal.ts';

const RESERVED = Symbol('reserved bytes');

/** Bounds the memory of requests under way, over all ports. */
export interface Admission {
  /** Adds the hooks: a request is admitted before its body is read, and its room is free when it is answered. */
  guard(app: FastifyInstance): void;
}

export function createAdmission(mostBytes: number): Admission {
  let reserved = 0;
  return {
    guard(app) {
      app.addHook('onRequest', async (request, reply) => {
        const bytes = Math.min(declared(request), VES_MOST_BYTES);
        if (reserved + bytes > mostBytes) throw new Refusal('SVC1000');
        reserved += bytes;
        const release = () => {
          reserved -= mark[RESERVED] ?? 0;
          mark[RESERVED] = 0;
        };
        const mark = request as FastifyRequest & { [RESERVED]?: number };
        mark[RESERVED] = bytes;
        // Fires for answers and for clients that hang up alike.
        reply.raw.once('close', release);
      });
    },
  };
}

/** Without a Content-Length a body may be as long as the limit. */
function declared(request: FastifyRequest): number {
  const length = Number(request.headers['content-length']);
  return Number.isSafeInteger(length) && length >= 0 ? length : VES_MOST_BYTES;
}
