import Type, { type Static } from 'typebox';
import { closed, HashMap, oneOf, strings, VendorNfNameFields } from './shapes.ts';

export const SipSignalingFields = closed({
  sipSignalingFieldsVersion: oneOf('3.0'),
  correlator: Type.String(),
  localIpAddress: Type.String(),
  localPort: Type.String(),
  remoteIpAddress: Type.String(),
  remotePort: Type.String(),
  vendorNfNameFields: VendorNfNameFields,
  additionalInformation: Type.Optional(HashMap),
  ...strings('compressedSip', 'summarySip'),
});
export type SipSignalingFields = Static<typeof SipSignalingFields>;
