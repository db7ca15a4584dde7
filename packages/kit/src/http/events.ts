import type { FastifyReply } from 'fastify';

/** The sending end of a server-sent event stream. */
export interface EventSink {
  /** Returns false when the client reads too slowly and the event was not sent; the stream is then closed. */
  send(event: { id?: string; event?: string; data: unknown }): boolean;
  close(): void;
}

const KEEP_ALIVE_MS = 15_000;
const MOST_BUFFERED_BYTES = 4 * 1024 * 1024;

/** Answers a request with server-sent events; `onClose` runs once, whoever ends the stream. */
export function sendEvents(reply: FastifyReply, onClose: () => void): EventSink {
  reply.hijack();
  const stream = reply.raw;
  stream.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    connection: 'keep-alive',
    'x-accel-buffering': 'no',
  });
  stream.write(': open\n\n');
  const keepAlive = setInterval(() => stream.write(': alive\n\n'), KEEP_ALIVE_MS);
  keepAlive.unref();
  let open = true;
  const finish = () => {
    if (!open) return;
    open = false;
    clearInterval(keepAlive);
    onClose();
  };
  stream.on('close', finish);
  return {
    send({ id, event, data }) {
      if (!open) return false;
      if (stream.writableLength > MOST_BUFFERED_BYTES) {
        stream.destroy();
        return false;
      }
      const head = `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}`;
      stream.write(`${head}data: ${JSON.stringify(data)}\n\n`);
      return true;
    },
    close() {
      stream.end();
      finish();
    },
  };
}
