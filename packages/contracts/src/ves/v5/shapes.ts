import Type from 'typebox';
import { strings } from '../shapes.ts';

/** VES 5 leaves every object open to further keys, and writes maps as lists of a name and its value. */
const Field = Type.Object({ name: Type.String(), value: Type.String() });

export const Fields = Type.Array(Field);
export const NamedFields = Type.Array(Type.Object({ name: Type.String(), arrayOfFields: Fields }));

const JsonObjectInstance = Type.Object({
  objectInstance: Type.Object({}),
  objectInstanceEpochMicrosec: Type.Optional(Type.Number()),
  objectKeys: Type.Optional(
    Type.Array(
      Type.Object({ keyName: Type.String(), keyOrder: Type.Optional(Type.Integer()), ...strings('keyValue') }),
    ),
  ),
});

export const JsonObjects = Type.Array(
  Type.Object({
    objectInstances: Type.Array(JsonObjectInstance),
    objectName: Type.String(),
    ...strings('objectSchema', 'objectSchemaUrl', 'nfSubscribedObjectName', 'nfSubscriptionId'),
  }),
);

export const VendorVnfNameFields = Type.Object({ vendorName: Type.String(), ...strings('vfModuleName', 'vnfName') });
