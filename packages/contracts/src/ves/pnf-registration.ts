import Type, { type Static } from 'typebox';
import { closed, HashMap, oneOf, strings } from './shapes.ts';

export const PnfRegistrationFields = closed({
  pnfRegistrationFieldsVersion: oneOf('2.0', '2.1'),
  additionalFields: Type.Optional(HashMap),
  oamV4IpAddress: Type.Optional(Type.String({ format: 'ipv4' })),
  oamV6IpAddress: Type.Optional(Type.String({ format: 'ipv6' })),
  ...strings(
    'lastServiceDate',
    'macAddress',
    'manufactureDate',
    'modelNumber',
    'serialNumber',
    'softwareVersion',
    'unitFamily',
    'unitType',
    'vendorName',
  ),
});
export type PnfRegistrationFields = Static<typeof PnfRegistrationFields>;
