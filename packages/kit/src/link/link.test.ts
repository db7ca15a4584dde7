import { connect, createServer, type Socket } from 'node:net';
import { RanloopError } from '@ranloop/contracts/errors';
import { afterEach, expect, test } from 'vitest';
import { createLink, type Link } from './index.ts';

/** One message per line; an empty line is a message that cannot be decoded, `!` breaks the stream. */
const lines = () => {
  let text = '';
  return {
    frame: (payload: Uint8Array) => Buffer.concat([payload, Buffer.from('\n')]),
    reader: {
      push(chunk: Uint8Array, take: (payload: Uint8Array) => void) {
        text += Buffer.from(chunk).toString();
        if (text.includes('!')) throw new RanloopError('RL_MALFORMED', 'broken stream');
        const complete = text.split('\n');
        text = complete.pop() ?? '';
        for (const line of complete) take(Buffer.from(line));
      },
    },
    codec: {
      encode: (message: string) => Buffer.from(message),
      decode(bytes: Uint8Array) {
        if (bytes.length === 0) throw new RanloopError('RL_INVALID', 'empty');
        return Buffer.from(bytes).toString();
      },
    },
  };
};

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function pair(options: { mostRefused?: number; mostBufferedBytes?: number } = {}) {
  const seen: string[] = [];
  const closed: string[] = [];
  let link: Link<string> | undefined;
  const server = createServer((socket) => {
    link = createLink<string>(socket, {
      ...lines(),
      ...options,
      onMessage: (message) => seen.push(message),
      onRefused: (error) => seen.push(error.code),
      onClose: (reason) => closed.push(reason),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const peer: Socket = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1');
  peer.on('error', () => undefined);
  stops.push(() => {
    peer.destroy();
    server.close();
  });
  await until(() => link !== undefined);
  return { seen, closed, peer, link: link as unknown as Link<string> };
}
const until = async (condition: () => boolean) => {
  for (let i = 0; i < 400 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
};

test('messages pass in both directions, and one that cannot be decoded does not end the connection', async () => {
  const { seen, peer, link } = await pair();
  let received = '';
  peer.on('data', (chunk) => {
    received += chunk;
  });
  peer.write('a\n\nb\n');
  await until(() => seen.length === 3);
  expect(seen).toEqual(['a', 'RL_INVALID', 'b']);
  expect(link.send('c')).toBe(true);
  await link.flushed();
  await until(() => received === 'c\n');
  expect(received).toBe('c\n');
});

test('a stream that cannot be read on, and a peer of only rubbish, are closed with a reason, once', async () => {
  const broken = await pair();
  broken.peer.resume();
  broken.peer.write('!');
  await until(() => broken.closed.length > 0);
  expect(broken.closed).toEqual(['broken stream']);
  expect(broken.link.send('x')).toBe(false);
  const rubbish = await pair({ mostRefused: 3 });
  rubbish.peer.write('\n\n\n\n\n');
  await until(() => rubbish.closed.length > 0);
  expect(rubbish.closed).toEqual(['too many messages that cannot be read']);
  expect(rubbish.seen).toEqual(['RL_INVALID', 'RL_INVALID', 'RL_INVALID']);
});

test('a peer that does not read is cut off before it fills the memory', async () => {
  const { peer, link, closed } = await pair({ mostBufferedBytes: 100_000 });
  peer.pause();
  const message = 'x'.repeat(50_000);
  let sent = 0;
  while (sent < 10_000 && link.send(message)) sent++;
  expect(sent).toBeLessThan(10_000);
  await until(() => closed.length > 0);
  expect(closed).toEqual(['the peer reads too slowly']);
  await link.flushed();
});
