import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { VES_BLOCKS, VesEvent } from '@ranloop/contracts/ves';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';

// Both packages are CommonJS whose default export is the class or function itself.
const load = createRequire(import.meta.url);
interface Validator {
  addSchema(schema: object, key: string): void;
  compile(schema: object): (value: unknown) => boolean;
}
const Ajv = load('ajv-draft-04') as new (options: object) => Validator;
const addFormats = load('ajv-formats') as (validator: Validator) => void;

const ROOT = path.resolve(import.meta.dirname, '../../../../..');
const DATA = path.join(ROOT, '../shared/data/ves');
const REFERENCE = path.join(DATA, 'CommonEventFormat_30.2.1_ONAP.json');
const present = existsSync(REFERENCE);

const ours = Compile(VesEvent);

type Schema = Readonly<Record<string, never>> & { readonly definitions?: Record<string, Schema> };

function reference(): { schema: Schema; check: (event: unknown) => boolean } {
  const schema = JSON.parse(readFileSync(REFERENCE, 'utf8')) as Schema;
  const ajv = new Ajv({ strict: false });
  addFormats(ajv);
  ajv.addSchema(schema, 'cef');
  return { schema, check: ajv.compile({ $ref: 'cef#/definitions/event' }) };
}

/** Events of the format, made by walking the reference schema itself: an independent way to every block. */
function instances(schema: Schema, definition: Schema, depth = 0): fc.Arbitrary<unknown> {
  const at = definition as unknown as {
    $ref?: string;
    oneOf?: Schema[];
    enum?: string[];
    format?: string;
    type?: string;
    items?: Schema;
    properties?: Record<string, Schema>;
    required?: string[];
    additionalProperties?: Schema | boolean;
  };
  const referred = at.$ref && schema.definitions?.[at.$ref.replace('#/definitions/', '')];
  if (referred) return instances(schema, referred, depth + 1);
  if (at.oneOf) return fc.oneof(...at.oneOf.map((one) => instances(schema, one, depth + 1)));
  if (at.enum) return fc.constantFrom(...at.enum);
  if (at.format === 'ipv4') return fc.ipV4();
  if (at.format === 'ipv6') return fc.constantFrom('::1', '2001:db8::1');
  if (at.format === 'uri') return fc.constantFrom('https://example.org/a.yaml#/b', 'urn:x:y');
  if (at.type === 'string') return fc.string({ maxLength: 8 });
  if (at.type === 'number') return fc.double({ noNaN: true, noDefaultInfinity: true });
  if (at.type === 'integer') return fc.integer();
  if (at.type === 'array') {
    if (depth > 14 || !at.items) return fc.constant([]);
    return fc.array(instances(schema, at.items, depth + 1), { maxLength: 2 });
  }
  const properties = Object.entries(at.properties ?? {}).filter(
    ([name]) => depth < 12 || at.required?.includes(name) === true,
  );
  if (properties.length === 0 && at.properties) return fc.constant({});
  if (properties.length === 0)
    return typeof at.additionalProperties === 'object'
      ? fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), { maxKeys: 3 })
      : fc.constant({ any: 1 });
  const shape = Object.fromEntries(properties.map(([name, inner]) => [name, instances(schema, inner, depth + 1)]));
  return fc.record(shape, { requiredKeys: at.required ?? [] } as never);
}

/** What a sender may get wrong: a value of another kind, a key gone, a key too many. */
const wrong = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    1.5,
    -1,
    '',
    'x',
    '4.0',
    '1.2.3.4',
    '::1',
    [],
    {},
    [{}],
    [''],
    { a: 'b' },
    { a: 1 },
  ),
  fc.constant(undefined),
);

function mutate(value: unknown, path: readonly number[], replacement: unknown): unknown {
  const [index, ...rest] = path;
  if (index === undefined || typeof value !== 'object' || value === null) return replacement;
  const keys = Object.keys(value);
  const key = keys[index % (keys.length + 1)] ?? 'unknownKey';
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  const inner = mutate(copy[key], rest, replacement);
  if (inner === undefined && !Array.isArray(copy)) delete copy[key];
  else copy[key] = inner ?? null;
  return copy;
}

describe.skipIf(!present)('against the published schema of VES 7.2.1 (../shared; skipped where it is absent)', () => {
  const { schema, check } = present ? reference() : { schema: {} as Schema, check: () => false };
  const events = sampleEvents();

  test('the samples hold events of both verdicts', () => {
    const verdicts = events.map(({ event }) => check(event));
    expect(verdicts).toContain(true);
    expect(verdicts).toContain(false);
  });

  test.each(events)('$name gets the same verdict', ({ event }) => {
    expect(ours.Check(event)).toBe(check(event));
  });

  test.each(Object.entries(VES_BLOCKS))(
    'generated %s events get the same verdict, whole and spoilt',
    (domain, block) => {
      const header = schema.definitions?.['commonEventHeader'] as Schema;
      const fields = schema.definitions?.[block] as Schema;
      const event = fc
        .tuple(instances(schema, header), instances(schema, fields))
        .map(([head, body]) => ({ commonEventHeader: { ...(head as object), domain }, [block]: body }));
      fc.assert(
        fc.property(event, fc.array(fc.nat(40), { minLength: 1, maxLength: 7 }), wrong, (whole, place, value) => {
          expect(check(whole)).toBe(true);
          expect(ours.Check(whole), JSON.stringify(whole)).toBe(true);
          const spoilt = mutate(whole, place, value);
          expect(ours.Check(spoilt), JSON.stringify(spoilt)).toBe(check(spoilt));
        }),
        { numRuns: 60 },
      );
    },
  );
});

function sampleEvents(): { name: string; event: unknown }[] {
  if (!present) return [];
  return ['onap', 'oam-templates'].flatMap((folder) =>
    readdirSync(path.join(DATA, folder)).flatMap((file) => {
      const body = JSON.parse(readFileSync(path.join(DATA, folder, file), 'utf8')) as {
        event?: unknown;
        eventList?: unknown[];
      };
      return (body.eventList ?? [body.event]).map((event, index) => ({ name: `${folder}/${file} #${index}`, event }));
    }),
  );
}
