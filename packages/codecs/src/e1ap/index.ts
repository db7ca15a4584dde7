import { E1AP_MESSAGES, type E1apPdu } from '@ranloop/contracts/e1';
import { type Codec, pduCodec } from '../carrier.ts';

export type { Codec } from '../carrier.ts';

/** E1AP-PDU on the JSON carrier. */
export const e1ap: Codec<E1apPdu> = pduCodec<E1apPdu>(E1AP_MESSAGES, 'E1AP-PDU');
