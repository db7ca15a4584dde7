import { connect, type Socket } from 'node:net';
import { TEST_BASIC } from '@ranloop/kit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRig, measurement, type Rig } from '../testing/rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig({ mostBytesUnderWay: 8 * 1024 * 1024 });
});
afterAll(() => rig.stop());

const portOf = (url: string) => Number(new URL(url).port);

async function open(url: string): Promise<Socket> {
  const socket = connect(portOf(url), '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return socket;
}

/** What the server says, up to its end or until `enough`. */
function answerOf(socket: Socket, enough = /\r\n\r\n/): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (enough.test(text)) resolve(text);
    });
    socket.once('close', () => resolve(text));
  });
}

const head = (length: number, more = '') =>
  `POST /eventListener/v7 HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${more}\r\n`;

const eventOf = (source: string) =>
  JSON.stringify({ event: measurement({ eventId: 'one', source, objects: { a: { X: '1' } } }) });

const stored = async (source: string) =>
  (await rig.get<{ samples: unknown[] }>(`/last?source=${source}`)).samples.length;

describe('clients on bare sockets', () => {
  test('without credentials the answer comes before the body does, and its connection ends', async () => {
    const socket = await open(rig.guarded);
    socket.write(head(2_000_000));
    const answer = await answerOf(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer.toLowerCase()).toContain('connection: close');
    socket.destroy();
  });

  test('a body that is said to be too large is refused before it is sent', async () => {
    const socket = await open(rig.guarded);
    socket.write(head(2_097_153, `authorization: ${TEST_BASIC}\r\n`));
    expect(await answerOf(socket, /POL9003/)).toMatch(/^HTTP\/1\.1 400 [\s\S]*POL9003/);
    socket.destroy();
  });

  test('a body without a length is cut off at the limit', async () => {
    const socket = await open(rig.ves);
    const answer = answerOf(socket, /POL9003/);
    socket.write(head(0).replace('content-length: 0', 'transfer-encoding: chunked'));
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    for (let count = 0; count < 40 && !socket.destroyed; count += 1) socket.write(chunk);
    expect(await answer).toMatch(/POL9003/);
    socket.destroy();
  });

  test('an event that comes byte by byte is stored, and holds up nobody meanwhile', async () => {
    const slow = await open(rig.ves);
    const body = eventOf('slow');
    const text = head(body.length) + body;
    slow.setNoDelay(true);
    const answer = answerOf(slow);
    const half = Math.floor(text.length / 2);
    const bytes = async (part: string) => {
      for (const byte of part) {
        slow.write(byte);
        await new Promise(setImmediate);
      }
    };
    await bytes(text.slice(0, half));
    expect((await rig.post(eventOf('quick'))).status).toBe(202);
    expect([await stored('quick'), await stored('slow')]).toEqual([1, 0]);
    await bytes(text.slice(half));
    expect(await answer).toMatch(/^HTTP\/1\.1 202 /);
    expect(await stored('slow')).toBe(1);
    slow.destroy();
  });

  test('bodies under way are bounded: the next is told to come again, and may once they are gone', async () => {
    const sockets: Socket[] = [];
    let status = 202;
    // Four times 2 MB is all that may be under way. The answer in between leaves the port time to read the head.
    while (status === 202) {
      expect(sockets.length).toBeLessThan(20);
      const socket = await open(rig.ves);
      socket.write(`${head(2_097_152)}{`);
      sockets.push(socket);
      await rig.get('/stats');
      status = (await rig.post(eventOf('bounded'))).status;
    }
    expect(status).toBe(503);
    for (const socket of sockets) socket.destroy();
    while (status === 503) status = (await rig.post(eventOf('bounded'))).status;
    expect(status).toBe(202);
    expect(await stored('bounded')).toBe(1);
  });

  test('a client that hangs up in the middle leaves nothing behind', async () => {
    const socket = await open(rig.ves);
    const body = eventOf('gone');
    socket.write((head(body.length) + body).slice(0, -10));
    socket.destroy();
    expect((await rig.post(eventOf('after-gone'))).status).toBe(202);
    expect(await stored('gone')).toBe(0);
  });

  test('a thousand idle connections leave room for events', async () => {
    const sockets = await Promise.all(Array.from({ length: 1_000 }, () => open(rig.ves)));
    expect((await rig.post(eventOf('crowd'))).status).toBe(202);
    // One of them speaks late, and is heard.
    const [late] = sockets;
    const body = eventOf('late');
    late?.write(head(body.length) + body);
    expect(late && (await answerOf(late))).toMatch(/^HTTP\/1\.1 202 /);
    for (const socket of sockets) socket.destroy();
    expect([await stored('crowd'), await stored('late')]).toEqual([1, 1]);
  });

  test('what is free in an event may be nested, but not without end', async () => {
    const nested = (depth: number, source: string) => {
      const event = JSON.parse(eventOf(source)) as { event: { measurementFields: Record<string, unknown> } };
      event.event.measurementFields['additionalObjects'] = 'HERE';
      const instance = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
      const objects = `[{"objectName":"o","objectInstances":[{"objectInstance":${instance}}]}]`;
      return JSON.stringify(event).replace('"HERE"', objects);
    };
    expect((await rig.post(nested(200, 'nested'))).status).toBe(202);
    for (const depth of [300, 10_000, 200_000]) {
      const answer = await rig.post(nested(depth, `nested-${depth}`));
      expect([answer.status, answer.body.includes('nested deeper')]).toEqual([400, true]);
    }
  });
});
