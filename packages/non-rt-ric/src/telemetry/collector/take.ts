import { vesRequestError } from '@ranloop/contracts/ves';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AcceptedEvent } from '../model.ts';
import { Refusal } from '../refusal.ts';
import { accept, type Origin } from './accept.ts';
import { noteRefused, refusalOf, statusOf } from './answer.ts';
import type { EventFormat, ReportedEvent } from './formats.ts';
import type { CollectorDeps } from './http.ts';
import { decodeBody, parseBatch, parseEach, parseSingle } from './parse.ts';

interface Taking {
  readonly format: EventFormat;
  readonly deps: CollectorDeps;
}

/** All events of a request, or none of them. */
export async function storeWhole(
  request: FastifyRequest,
  reply: FastifyReply,
  { format, deps, batch }: Taking & { readonly batch: boolean },
): Promise<FastifyReply> {
  const events = (batch ? parseBatch : parseSingle)(bodyOf(request), format);
  const origin = { format, sender: request.ip };
  const accepted = events.map((event, index) =>
    placed(batch ? `eventList/${index}` : 'event', event, () => accept(event, deps.rules, origin)),
  );
  await deps.writer.submit(accepted);
  return reply.code(202).send();
}

/**
 * Each event of a batch by itself. The good ones are stored, and the answer names each of the others: 202 when any was
 * stored, since a client takes a 400 to mean that none was.
 */
export async function storeEach(request: FastifyRequest, reply: FastifyReply, taking: Taking): Promise<FastifyReply> {
  const { format, deps } = taking;
  const events = parseEach(bodyOf(request), format);
  const origin = { format, sender: request.ip };
  const refusals = await Promise.all(events.map((event, index) => take(event, index, { origin, deps })));
  const refused = refusals.flatMap((refusal, index) => (refusal ? [{ refusal, index }] : []));
  if (refused.length === 0) return reply.code(202).send();
  const told = refused.map(({ refusal }) => refusal);
  noteRefused(told, request, { onRefused: deps.onRefused, log: deps.log, now: deps.rules.now });
  const stored = events.length - refused.length;
  const [first] = told;
  return reply
    .code(stored > 0 || !first ? 202 : statusOf(first))
    .type('application/json')
    .send({
      ...(stored > 0 || !first ? {} : vesRequestError(first.id, first.variables)),
      stored,
      refused: refused.map(({ refusal, index }) => ({ index, ...vesRequestError(refusal.id, refusal.variables) })),
    });
}

/** Why an event was not stored; undefined when it was. A store that is away is no fault of the event, and thrown. */
async function take(
  event: ReportedEvent | Refusal,
  index: number,
  { origin, deps }: { readonly origin: Origin; readonly deps: CollectorDeps },
): Promise<Refusal | undefined> {
  if (event instanceof Refusal) return event;
  const where = `eventList/${index}`;
  let accepted: AcceptedEvent;
  try {
    accepted = placed(where, event, () => accept(event, deps.rules, origin));
  } catch (error) {
    return clientFault(error);
  }
  try {
    await deps.writer.submit([accepted]);
    return undefined;
  } catch (error) {
    const refusal = clientFault(error);
    // The writer knows one event, and calls it so.
    const variables = refusal.variables.map((variable) => variable.replace(/^event(?=\/)/, where));
    return new Refusal(refusal.id, [...variables, named(event)], refusal.status);
  }
}

function clientFault(error: unknown): Refusal {
  const refusal = refusalOf(error);
  if (statusOf(refusal) >= 500) throw error;
  return refusal;
}

function bodyOf({ body }: FastifyRequest): unknown {
  if (!Buffer.isBuffer(body)) throw new Refusal('SVC2006', ['body', 'application/json']);
  return decodeBody(body);
}

/** Puts the place of the event before the field that a rule refused, and its eventId behind. */
function placed<T>(where: string, event: ReportedEvent, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Refusal) || error.variables.length === 0) throw error;
    const [kind = '', field = '', ...rest] = error.variables;
    if (error.id !== 'SVC2000')
      throw new Refusal(error.id, [kind, `${where}/${field}`, ...rest, named(event)], error.status);
    const [at = '', ...further] = rest;
    throw new Refusal(error.id, [kind, field, `${where}/${at}`, ...further, named(event)], error.status);
  }
}

const named = ({ commonEventHeader }: ReportedEvent) => `eventId ${commonEventHeader.eventId.slice(0, 256)}`;
