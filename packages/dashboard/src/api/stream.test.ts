import { describe, expect, it } from 'vitest';
import { followStream, type StreamStatus } from './stream.ts';

/** Answers each attempt by the next of the given replies; ends the following when they run out. */
function server(replies: readonly (string | number | Error)[]) {
  const end = new AbortController();
  const sent: (string | null)[] = [];
  const waits: number[] = [];
  const left = [...replies];
  const answer: typeof fetch = async (_url, init) => {
    const reply = left.shift();
    if (reply === undefined) {
      end.abort();
      throw new Error('no more replies');
    }
    sent.push(new Headers(init?.headers).get('last-event-id'));
    if (reply instanceof Error) throw reply;
    return typeof reply === 'number' ? new Response('', { status: reply }) : new Response(reply);
  };
  const wait = async (ms: number) => void waits.push(ms);
  return { end, sent, waits, fetch: answer, wait };
}

async function follow(replies: readonly (string | number | Error)[]) {
  const peer = server(replies);
  const events: string[] = [];
  const statuses: StreamStatus[] = [];
  await followStream({
    url: '/stream',
    signal: peer.end.signal,
    fetch: peer.fetch,
    wait: peer.wait,
    onEvent: ({ data }) => events.push(data),
    onStatus: (status) => statuses.push(status),
  });
  return { ...peer, events, statuses };
}

describe('following a stream', () => {
  it('resumes after the last event it saw when the connection ends', async () => {
    const { sent, events } = await follow(['id: 1\ndata: a\n\nid: 2\ndata: b\n\n', 'id: 3\ndata: c\n\n']);
    expect(events).toEqual(['a', 'b', 'c']);
    expect(sent).toEqual([null, '2']);
  });

  it('says that what is shown may be old from the break until bytes come again', async () => {
    const { statuses } = await follow(['data: a\n\n', 'data: b\n\n']);
    expect(statuses).toEqual(['connecting', 'live', 'stale', 'live', 'stale']);
  });

  it('waits twice as long after each failure, at most 8 s, and short again after a connection that stood', async () => {
    const failures = Array.from({ length: 6 }, () => new Error('refused'));
    const { waits } = await follow([...failures, 'data: a\n\n']);
    expect(waits).toEqual([1000, 2000, 4000, 8000, 8000, 8000, 500]);
  });

  it('does not ask again where the server says that it will never answer', async () => {
    const { statuses, sent } = await follow([404, 'data: never\n\n']);
    expect(statuses).toEqual(['connecting', 'refused']);
    expect(sent).toHaveLength(1);
  });

  it('asks again when the server is overloaded', async () => {
    const { events } = await follow([503, 429, 'data: a\n\n']);
    expect(events).toEqual(['a']);
  });
});
