import Type, { type TProperties, type TSchema } from 'typebox';

/** The blocks of VES refuse keys that the format does not name. */
export const closed = <P extends TProperties>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });

export const oneOf = <const V extends readonly string[]>(...values: V) => Type.Enum<[...V]>([...values]);

/** Optional numbers, by name. */
export const numbers = <const N extends string>(...names: readonly N[]) => fill(names, Type.Optional(Type.Number()));

/** Required numbers, by name. */
export const requiredNumbers = <const N extends string>(...names: readonly N[]) => fill(names, Type.Number());

/** Optional strings, by name. */
export const strings = <const N extends string>(...names: readonly N[]) => fill(names, Type.Optional(Type.String()));

function fill<N extends string, S extends TSchema>(names: readonly N[], schema: S): Record<N, S> {
  return Object.fromEntries(names.map((name) => [name, schema])) as Record<N, S>;
}

/** VES carries every value of a hash map as text. */
export const HashMap = Type.Record(Type.String(), Type.String());

const NamedHashMap = closed({ name: Type.String(), hashMap: HashMap });

export const ArrayOfNamedHashMap = Type.Array(NamedHashMap);

const Key = closed({ keyName: Type.String(), keyOrder: Type.Optional(Type.Integer()), ...strings('keyValue') });

/** Objects that hold objects: the one recursive shape of the format. */
const JsonObject = Type.Cyclic(
  {
    JsonObject: closed({
      objectInstances: Type.Array(Type.Ref('JsonObjectInstance')),
      objectName: Type.String(),
      ...strings('objectSchema', 'objectSchemaUrl', 'nfSubscribedObjectName', 'nfSubscriptionId'),
    }),
    JsonObjectInstance: closed({
      jsonObject: Type.Optional(Type.Ref('JsonObject')),
      objectInstance: Type.Optional(Type.Object({})),
      ...numbers('objectInstanceEpochMicrosec'),
      objectKeys: Type.Optional(Type.Array(Key)),
    }),
  },
  'JsonObject',
);

export const ArrayOfJsonObject = Type.Array(JsonObject);

export const VendorNfNameFields = closed({ vendorName: Type.String(), ...strings('nfModuleName', 'nfName') });
