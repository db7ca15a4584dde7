import { LOOP } from '@ranloop/contracts/loop';
import type { Authenticator } from '@ranloop/kit/auth';
import { requireIdentity, sendEvents } from '@ranloop/kit/http';
import type { FastifyInstance } from 'fastify';
import type { LoopMonitor } from './state.ts';

const MOST_OFTEN_MS = 250;

/** The state of the loop for the dashboard: once, and as a stream that never sends more often than a person can see. */
export function serveLoop(app: FastifyInstance, monitor: LoopMonitor, auth: Authenticator): void {
  app.register(async (scope) => {
    requireIdentity(scope, auth);
    scope.get(`${LOOP}/state`, async () => monitor.state);
    scope.get(`${LOOP}/stream`, (_request, reply) => {
      let timer: NodeJS.Timeout | undefined;
      const off = monitor.onChange(() => {
        timer ??= setTimeout(() => {
          timer = undefined;
          sink.send({ event: 'state', data: monitor.state });
        }, MOST_OFTEN_MS);
      });
      const sink = sendEvents(reply, () => {
        off();
        clearTimeout(timer);
      });
      sink.send({ event: 'state', data: monitor.state });
    });
  });
}
