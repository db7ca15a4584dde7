import { E2AP_MESSAGES, type E2apPdu, F1SetupRequest } from '@ranloop/contracts/e2';
import { type Codec, jsonCodec, pduCodec } from '../carrier.ts';
import { asOctets, type OctetsCodec } from '../hex.ts';

export type { Codec } from '../carrier.ts';

/** E2AP-PDU on the JSON carrier. */
export const e2ap: Codec<E2apPdu> = pduCodec<E2apPdu>(E2AP_MESSAGES, 'E2AP-PDU');

/** The request part of an F1 component configuration. */
export const f1SetupRequest: OctetsCodec<F1SetupRequest> = asOctets(jsonCodec(F1SetupRequest, 'F1SetupRequest'));
