import { readFile } from 'node:fs/promises';
import { RanloopError } from '@ranloop/contracts/errors';
import { checker } from '@ranloop/contracts/schema';
import Type, { type Static } from 'typebox';

const strict = { additionalProperties: false } as const;
const Template = Type.String({
  minLength: 1,
  maxLength: 1_000,
  description: 'text in which {column} stands for the value of that column',
});

/** How the rows of a recorded capture become VES measurement events. */
export const CaptureMap = Type.Object(
  {
    description: Type.String(),
    time: Type.Object(
      {
        column: Type.String({ minLength: 1 }),
        /** `iso`: ISO 8601, UTC unless it has an offset; a space may stand for the T. The rest: epochs. */
        format: Type.Union([
          Type.Literal('iso'),
          Type.Literal('epoch-s'),
          Type.Literal('epoch-ms'),
          Type.Literal('epoch-us'),
          Type.Literal('epoch-ns'),
        ]),
      },
      strict,
    ),
    /** Becomes sourceName and ManagedElement. */
    source: Template,
    /** DN of the measured object, relative to the ManagedElement. */
    object: Template,
    /** Length of the measured period in seconds. */
    granularity: Type.Number({ exclusiveMinimum: 0, maximum: 86_400 }),
    counters: Type.Array(
      Type.Object(
        {
          column: Type.String({ minLength: 1 }),
          counter: Type.String({ minLength: 1, maxLength: 256 }),
          /** Factor from the column's unit to the counter's. */
          scale: Type.Optional(Type.Number()),
          note: Type.Optional(Type.String()),
        },
        strict,
      ),
      { minItems: 1, maxItems: 500 },
    ),
    /** The series that `start --trace` forecasts and offers as traffic. */
    traffic: Type.Optional(Type.Object({ counter: Type.String(), note: Type.Optional(Type.String()) }, strict)),
  },
  strict,
);
export type CaptureMap = Static<typeof CaptureMap>;

const checkMap = checker(CaptureMap);

export async function readMap(file: string): Promise<CaptureMap> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new RanloopError('RL_CONFIG', `the map ${file} cannot be read`, { cause });
  });
  try {
    return checkMap(JSON.parse(text), `map ${file}`);
  } catch (cause) {
    if (cause instanceof RanloopError) throw new RanloopError('RL_CONFIG', cause.message, { fields: cause.fields });
    throw new RanloopError('RL_CONFIG', `the map ${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
