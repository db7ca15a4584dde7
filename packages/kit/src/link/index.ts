import type { Socket } from 'node:net';
import { asRanloopError, type RanloopError } from '@ranloop/contracts/errors';

/** Messages over one TCP connection; framing and coding are handed in, so that this knows no protocol. */
export interface Link<T> {
  /** False when the connection is closed, or was closed because the peer reads too slowly. */
  send(message: T): boolean;
  /** Resolves when all that was sent before is with the kernel, or the connection is closed. */
  flushed(): Promise<void>;
  /** Sends what is buffered, then closes. */
  end(): void;
  destroy(reason: string): void;
  readonly open: boolean;
  readonly peer: { readonly ip: string; readonly port: number };
}

export interface LinkOptions<T> {
  readonly frame: (payload: Uint8Array) => Uint8Array;
  readonly reader: { push(chunk: Uint8Array, take: (payload: Uint8Array) => void): void };
  readonly codec: { encode(message: T): Uint8Array; decode(bytes: Uint8Array): T };
  readonly onMessage: (message: T) => void;
  /** A message that cannot be decoded, or whose handler threw; the connection goes on. */
  readonly onRefused: (error: RanloopError) => void;
  /** Once, however the connection ends. */
  readonly onClose: (reason: string) => void;
  readonly mostBufferedBytes?: number;
  /** A peer that sends nothing but rubbish is cut off after this many refused messages. */
  readonly mostRefused?: number;
}

const MOST_BUFFERED = 8 * 1024 * 1024;
const MOST_REFUSED = 100;

export function createLink<T>(socket: Socket, options: LinkOptions<T>): Link<T> {
  const { reader, codec, mostBufferedBytes = MOST_BUFFERED, mostRefused = MOST_REFUSED } = options;
  let open = true;
  let reason = 'closed by the peer';
  let refused = 0;
  const peer = { ip: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };

  const destroy = (why: string) => {
    if (!open) return;
    open = false;
    reason = why;
    socket.destroy();
  };
  const refuse = (error: unknown) => {
    options.onRefused(asRanloopError(error));
    if (++refused >= mostRefused) destroy('too many messages that cannot be read');
  };
  const take = (payload: Uint8Array) => {
    if (!open) return;
    try {
      options.onMessage(codec.decode(payload));
    } catch (error) {
      refuse(error);
    }
  };

  socket.setNoDelay(true);
  socket.setKeepAlive(true, 10_000);
  socket.on('data', (chunk) => {
    try {
      reader.push(chunk, take);
    } catch (error) {
      options.onRefused(asRanloopError(error));
      // The complaint may still reach the peer; nothing more is read from it.
      reason = asRanloopError(error).message;
      open = false;
      socket.removeAllListeners('data');
      socket.end(() => socket.destroy());
    }
  });
  socket.on('error', (error) => destroy(error.message));
  socket.on('close', () => {
    open = false;
    options.onClose(reason);
  });

  return {
    send(message) {
      if (!open) return false;
      if (socket.writableLength > mostBufferedBytes) {
        destroy('the peer reads too slowly');
        return false;
      }
      socket.write(options.frame(codec.encode(message)));
      return true;
    },
    flushed: () =>
      new Promise((resolve) => {
        if (!open || socket.destroyed) return resolve();
        socket.write(new Uint8Array(0), () => resolve());
      }),
    end() {
      if (!open) return;
      open = false;
      reason = 'closed by us';
      socket.end(() => socket.destroy());
    },
    destroy,
    get open() {
      return open;
    },
    peer,
  };
}
