import { RanloopError } from '@ranloop/contracts/errors';
import { flagNames, VALUE_FLAG_NAMES, VALUE_FLAGS } from '@ranloop/contracts/pm';
import { checker } from '@ranloop/contracts/schema';
import Type, { type Static } from 'typebox';
import type { AcceptedEvent, Point, SeriesIdentity } from '../model.ts';

/** Changes whenever a reader of the older form would read the newer one wrongly. */
const MESSAGE_FORMAT = 'ranloop.telemetry.event/1';

const word = (maxLength: number) => Type.String({ maxLength });
const micros = () => Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** One counter of an object at one time. */
const valueSchema = Type.Object(
  {
    counter: Type.String({ minLength: 1, maxLength: 1_024 }),
    value: Type.Number(),
    unit: word(64),
    snssai: Type.Optional(word(64)),
    fiveQi: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
    plmn: Type.Optional(word(16)),
    /** Why the value is doubted. */
    suspect: Type.Optional(Type.Array(Type.Enum([...VALUE_FLAG_NAMES]), { maxItems: VALUE_FLAG_NAMES.length })),
  },
  { additionalProperties: false },
);

const fileSchema = Type.Object(
  {
    name: Type.String(),
    location: Type.String({ minLength: 1 }),
    sender: Type.String(),
    size: Type.Optional(Type.Number()),
    ready: Type.String(),
    expires: Type.Optional(Type.Number()),
  },
  { additionalProperties: false },
);

/**
 * What stands on the bus for one accepted event: the decisions that the collector took, so that no reader takes them
 * again. Times in microseconds since 1970, `granularity` in seconds. The message's key is `source`.
 */
const messageSchema = Type.Object(
  {
    format: Type.Literal(MESSAGE_FORMAT),
    source: Type.String({ minLength: 1, maxLength: 256 }),
    eventId: Type.String({ minLength: 1, maxLength: 1_024 }),
    domain: Type.String({ minLength: 1, maxLength: 64 }),
    time: micros(),
    /** The unit that the source was found to write its times in. */
    timeUnit: Type.Optional(Type.Enum(['s', 'ms', 'us', 'ns'])),
    /** Equal for an event and its repetition. */
    identity: Type.String({ pattern: '^[0-9a-f]{32}$' }),
    objects: Type.Array(
      Type.Object(
        {
          dn: word(4_096),
          time: micros(),
          granularity: Type.Number({ minimum: 0, maximum: 1e9 }),
          values: Type.Array(valueSchema),
        },
        { additionalProperties: false },
      ),
    ),
    /** The event as it came, when it says more than its values do. */
    event: Type.Optional(Type.Unknown()),
    /** PM files to be fetched. */
    files: Type.Optional(Type.Array(fileSchema)),
  },
  { additionalProperties: false },
);
type Message = Static<typeof messageSchema>;
type Values = Message['objects'][number];

const check = checker(messageSchema);

export function encodeEvent(event: AcceptedEvent): string {
  const { source, eventId, domain, time, timeUnit, identity, points, body, files = [] } = event;
  const message: Message = {
    format: MESSAGE_FORMAT,
    source,
    eventId,
    domain,
    time,
    ...(timeUnit ? { timeUnit } : {}),
    identity,
    objects: objectsOf(points),
    ...(files.length > 0 ? { files: files.map((file) => ({ ...file }) as NonNullable<Message['files']>[number]) } : {}),
  };
  const text = JSON.stringify(message);
  // The body is JSON already: reading it only to write it again would cost more than all the rest.
  return body === undefined ? text : `${text.slice(0, -1)},"event":${body}}`;
}

/** Throws RL_MALFORMED or RL_INVALID that names the field. */
export function decodeEvent(bytes: Buffer | null): AcceptedEvent {
  const { objects, event, files, timeUnit, source, eventId, domain, time, identity } = check(parsed(bytes), 'message');
  return {
    source,
    eventId,
    domain,
    time,
    ...(timeUnit ? { timeUnit } : {}),
    identity,
    points: objects.flatMap((object) => pointsOf(source, object)),
    body: event === undefined ? undefined : JSON.stringify(event),
    ...(files ? { files: files.map((file) => ({ ...file, size: file.size, expires: file.expires })) } : {}),
  };
}

/** In the order of the points: of two values of one series and time the later one counts. */
function objectsOf(points: readonly Point[]): Values[] {
  const objects: Values[] = [];
  let last: Values | undefined;
  for (const { series, time, value, granularity, flags } of points) {
    if (last?.dn !== series.dn || last.time !== time || last.granularity !== granularity) {
      last = { dn: series.dn, time, granularity, values: [] };
      objects.push(last);
    }
    last.values.push({
      counter: series.counter,
      value,
      unit: series.unit,
      ...(series.snssai === '' ? {} : { snssai: series.snssai }),
      ...(series.fiveQi < 0 ? {} : { fiveQi: series.fiveQi }),
      ...(series.plmn === '' ? {} : { plmn: series.plmn }),
      ...(flags === 0 ? {} : { suspect: flagNames(flags) }),
    });
  }
  return objects;
}

function pointsOf(source: string, { dn, time, granularity, values }: Values): Point[] {
  return values.map(({ counter, value, unit, snssai = '', fiveQi = -1, plmn = '', suspect = [] }) => {
    const key = [source, dn, counter, snssai, fiveQi, plmn].join('\u0001');
    const series: SeriesIdentity = { key, source, dn, counter, snssai, fiveQi, plmn, unit };
    const flags = suspect.reduce((bits, name) => bits | VALUE_FLAGS[name], 0);
    return { series, time, value, granularity, flags };
  });
}

function parsed(bytes: Buffer | null): unknown {
  if (bytes === null) throw new RanloopError('RL_MALFORMED', 'the message is empty');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new RanloopError('RL_MALFORMED', 'the message is not JSON', { cause });
  }
}
