import { connect } from 'node:net';
import { e2ap } from '@ranloop/codecs/e2ap';
import { createFrameReader, frame } from '@ranloop/codecs/frames';
import type { E2apPdu, E2apValue, TimeToWait } from '@ranloop/contracts/e2';
import { createLink, type Link } from '@ranloop/kit/link';
import type { Log } from '@ranloop/kit/log';

export interface E2ClientConfig {
  readonly host: string;
  readonly port: number;
  readonly reconnectMs: { readonly least: number; readonly most: number };
}

export interface E2Client {
  start(): void;
  stop(): Promise<void>;
  send(pdu: E2apPdu): boolean;
  flushed(): Promise<void>;
  /** True from the setup response to the end of the connection. */
  readonly ready: boolean;
  /** Resolves at the next (or current) accepted setup; rejects never, but is left unresolved when stopped. */
  whenReady(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** Keeps one connection to the RIC: connects, sets up E2, and begins again with growing pauses when it is lost. */
export function createE2Client(
  config: E2ClientConfig,
  {
    log,
    setup,
    receive,
    onLost,
  }: {
    log: Log;
    setup: (transactionID: number) => E2apValue<'E2setupRequest'>;
    receive: (pdu: E2apPdu) => void;
    onLost: () => void;
  },
): E2Client {
  let link: Link<E2apPdu> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let ready = false;
  let pause = config.reconnectMs.least;
  let transactionID = 0;
  let waiting: (() => void)[] = [];
  let closed: (() => void) | undefined;

  const later = (ms: number) => {
    if (!stopping) timer = setTimeout(open, ms);
  };

  const open = () => {
    const socket = connect({ host: config.host, port: config.port });
    let least = 0;
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy());
    socket.once('connect', () => socket.setTimeout(0));
    const own = createLink<E2apPdu>(socket, {
      frame,
      reader: createFrameReader(),
      codec: e2ap,
      onMessage(pdu) {
        if (pdu.message === 'E2setupResponse') {
          ready = true;
          pause = config.reconnectMs.least;
          for (const resolve of waiting) resolve();
          waiting = [];
        } else if (pdu.message === 'E2setupFailure') {
          least = waitMs(pdu.value.timeToWait);
          log.warn({ cause: pdu.value.cause }, 'the RIC refused E2 setup');
          own.end();
        } else receive(pdu);
      },
      onRefused(error) {
        log.warn({ code: error.code, reason: error.message }, 'message of the RIC refused');
        own.send({ message: 'ErrorIndication', value: { cause: { protocol: 'transfer-syntax-error' } } });
      },
      onClose(reason) {
        const wasReady = ready;
        ready = false;
        link = undefined;
        if (wasReady) onLost();
        if (stopping) return closed?.();
        log.info({ reason, pause }, 'no E2 connection');
        // Half of the pause is by chance, so that nodes that lost one RIC do not return at one time.
        later(Math.max(least, pause * (0.5 + Math.random() / 2)));
        pause = Math.min(config.reconnectMs.most, 2 * pause);
      },
    });
    link = own;
    socket.once('connect', () => {
      transactionID = (transactionID + 1) % 256;
      own.send({ message: 'E2setupRequest', value: setup(transactionID) });
    });
  };

  return {
    get ready() {
      return ready;
    },
    start() {
      stopping = false;
      open();
    },
    stop: () =>
      new Promise((resolve) => {
        stopping = true;
        clearTimeout(timer);
        if (!link) return resolve();
        closed = resolve;
        link.destroy('the node stops');
      }),
    send: (pdu) => ready && (link?.send(pdu) ?? false),
    flushed: async () => (ready ? link?.flushed() : undefined),
    whenReady: () =>
      new Promise((resolve) => {
        if (ready) resolve();
        else waiting.push(resolve);
      }),
  };
}

function waitMs(time: TimeToWait | undefined): number {
  return time === undefined ? 0 : Number(/\d+/.exec(time)?.[0] ?? 0) * 1_000;
}
