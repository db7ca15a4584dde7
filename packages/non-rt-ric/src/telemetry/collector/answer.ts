import { RanloopError } from '@ranloop/contracts/errors';
import type { RefusedEvent } from '@ranloop/contracts/r1';
import { VES_MESSAGES, VES_MOST_BYTES, vesRequestError } from '@ranloop/contracts/ves';
import type { Log } from '@ranloop/kit/log';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../refusal.ts';

interface Answering {
  readonly onRefused: (refused: RefusedEvent) => void;
  readonly log: Log;
  /** Microseconds. */
  readonly now: () => number;
}

/** Answers a request that failed as a whole, and puts it among the refused ones. */
export function answerError(
  error: unknown,
  request: FastifyRequest,
  { reply, deps }: { reply: FastifyReply; deps: Answering },
): FastifyReply {
  const refusal = refusalOf(error);
  const status = statusOf(refusal);
  if (status >= 500 && refusal.id !== 'SVC1000') deps.log.error({ err: error }, 'event request failed');
  if (status >= 400 && status < 500 && status !== 401) noteRefused([refusal], request, deps);
  if (status === 503) reply.header('retry-after', '1');
  // What was not read of the body is not waited for: its connection ends with the answer.
  if (!request.raw.complete) reply.header('connection', 'close');
  return reply.code(status).type('application/json').send(vesRequestError(refusal.id, refusal.variables));
}

export function statusOf(refusal: Refusal): number {
  return refusal.status ?? VES_MESSAGES[refusal.id].status;
}

/** Keeps refused events with their reasons; a request that names no event is kept as one. */
export function noteRefused(refusals: readonly Refusal[], request: FastifyRequest, deps: Answering): void {
  const body = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
  const parsed = parsedOrEmpty(body);
  for (const refusal of refusals) {
    const place = refusal.variables.map(placeIn).find((found) => found !== undefined) ?? 'event';
    const event = eventAt(parsed, place);
    const header = member(event, 'commonEventHeader');
    const told = (name: string) => {
      const value = member(header, name);
      return typeof value === 'string' ? value : '';
    };
    deps.onRefused({
      time: deps.now(),
      source: told('sourceName'),
      domain: told('domain'),
      eventId: told('eventId'),
      reason: reasonOf(refusal),
      // Of a batch whose events are judged one by one, the event alone.
      body: refusals.length > 1 && event !== undefined ? JSON.stringify(event) : body,
    });
  }
}

function reasonOf({ id, variables }: Refusal): string {
  const { text } = VES_MESSAGES[id];
  const used = text.replace(/%(\d)/g, (_whole, digit: string) => variables[Number(digit) - 1] ?? '');
  const further = variables.slice((text.match(/%\d/g) ?? []).length);
  return `${id}: ${further.length > 0 ? `${used} (${further.join(', ')})` : used}`;
}

/** Whatever was thrown, in the messages of VES. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof RanloopError) {
    if (error.code === 'RL_BUSY' || error.code === 'RL_STORE') return new Refusal('SVC1000');
    if (error.status < 500) return new Refusal('SVC0001', [error.message.slice(0, 500)]);
  }
  const { statusCode } = error as FastifyError;
  if (statusCode === 413) return new Refusal('POL9003', [String(VES_MOST_BYTES)]);
  if (statusCode === 415) return new Refusal('SVC0001', ['Content-Type must be application/json'], 415);
  if (statusCode !== undefined && statusCode < 500)
    return new Refusal('SVC0001', [(error as Error).message.slice(0, 500)]);
  return new Refusal('SVC2000', ['the event was not stored; send it again', 'RL_INTERNAL']);
}

const placeIn = (variable: string) => /^(?:attribute )?(event|eventList\/\d+)(?:\/|$)/.exec(variable)?.[1];

function eventAt(parsed: unknown, place: string): unknown {
  const [root = '', index = ''] = place.split('/');
  return root === 'eventList' ? member(member(parsed, root), index) : member(parsed, 'event');
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function parsedOrEmpty(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
