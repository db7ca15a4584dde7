import { type Change, TRACKING_STREAM } from '@ranloop/contracts/tracking';
import type { Authenticator } from '@ranloop/kit/auth';
import { type EventSink, requireIdentity, sendEvents } from '@ranloop/kit/http';
import type { FastifyInstance } from 'fastify';

/** Tells listeners what was written. Best effort: a listener that reads too slowly is cut off and comes back. */
export interface Changes {
  send(change: Change): void;
  listen(sink: (change: Change, id: number) => void): () => void;
  /** Changes after `id` that are still remembered. */
  since(id: number): readonly { id: number; change: Change }[];
}

const REMEMBERED = 1_000;
const MOST_STREAMS = 200;

export function createChanges(): Changes {
  const listeners = new Set<(change: Change, id: number) => void>();
  const recent: { id: number; change: Change }[] = [];
  let last = 0;
  return {
    send(change) {
      last += 1;
      recent.push({ id: last, change });
      if (recent.length > REMEMBERED) recent.splice(0, recent.length - REMEMBERED);
      for (const listener of listeners) listener(change, last);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    since: (id) => recent.filter((entry) => entry.id > id),
  };
}

/** The stream of changes for pages. `Last-Event-ID` resumes; after a restart of the server it starts anew. */
export function serveChanges(
  scope: FastifyInstance,
  deps: { changes: Changes; auth: Authenticator; open: Set<EventSink> },
): void {
  requireIdentity(scope, deps.auth);
  scope.get(TRACKING_STREAM, (request, reply) => {
    let leave = () => {};
    const sink = sendEvents(reply, () => {
      leave();
      deps.open.delete(sink);
    });
    // The oldest stream makes room: a page that was left open must not keep new ones out. Its browser comes back.
    if (deps.open.size >= MOST_STREAMS) for (const oldest of [...deps.open].slice(0, 1)) oldest.close();
    deps.open.add(sink);
    const send = (change: Change, id: number) => void sink.send({ id: String(id), event: change.kind, data: change });
    const seen = Number(request.headers['last-event-id']);
    if (Number.isSafeInteger(seen) && seen > 0) for (const { id, change } of deps.changes.since(seen)) send(change, id);
    leave = deps.changes.listen(send);
  });
}
