import type { VesEvent } from '@ranloop/contracts/ves';
import Type, { type Static } from 'typebox';
import { badField, Refusal } from '../refusal.ts';
import { readSchemas } from './folder.ts';
import { createSchemas, type Schemas } from './schemas.ts';
import { SHIPPED, shippedAddress } from './shipped.ts';

export const stndDefinedConfig = Type.Object({
  /** Folder with `schema-map.json`, a list of `{publicURL, localURL}` as in ONAP's collector; it is read at each start. */
  folder: Type.Optional(Type.String({ minLength: 1 })),
  /** What becomes of data whose schemaReference is not known here: refused (SVC2004), or taken with a note. */
  unknown: Type.Enum(['refuse', 'accept'], { default: 'refuse' }),
});

/** The second stage of stndDefined events: `data` follows the schema that `schemaReference` names. */
export interface StndDefined {
  /** Reads the folder of schemas; throws RL_CONFIG when it cannot be used. */
  start(): Promise<void>;
  /** Throws a Refusal naming the field; gives a note when the data could not be checked and was to be taken. */
  check(fields: NonNullable<VesEvent['stndDefinedFields']>): string | undefined;
}

const FIELD = 'stndDefinedFields/data';

/** Schemas are local and never fetched: those of the folder come before those that are shipped. */
export function createStndDefined({ folder, unknown }: Static<typeof stndDefinedConfig>): StndDefined {
  const shipped = createSchemas(SHIPPED);
  let own: Schemas = createSchemas(new Map());
  return {
    async start() {
      if (folder !== undefined) own = createSchemas(await readSchemas(folder));
    },
    check({ data, schemaReference }) {
      if (schemaReference === undefined || schemaReference === '') return undefined;
      const hash = schemaReference.indexOf('#');
      const address = hash < 0 ? schemaReference : schemaReference.slice(0, hash);
      const pointer = hash < 0 ? '' : schemaReference.slice(hash + 1);
      const known = own.has(address);
      const found = known ? own.find(address, pointer) : shipped.find(shippedAddress(address), pointer);
      if (found === undefined && !known) {
        if (unknown === 'accept')
          return 'stndDefinedFields/data was not checked: its schemaReference is not known here';
        throw badField('stndDefinedFields/schemaReference', `"${shown(schemaReference)}" is not a schema known here`);
      }
      if (found === undefined || typeof found === 'string')
        throw broken('stndDefinedFields/schemaReference', found ?? `has no schema at "#${shown(pointer)}"`);
      const problem = found(data);
      if (problem) throw broken(`${FIELD}${problem.path}`, problem.problem);
      return undefined;
    },
  };
}

/** The message that ONAP's collector answers here; as a fault of the sender it is a 400. */
function broken(field: string, problem: string): Refusal {
  return new Refusal('SVC2000', [`stndDefined data does not follow its schema: ${problem}`, '400', field], 400);
}

const shown = (text: string) => text.slice(0, 256);
