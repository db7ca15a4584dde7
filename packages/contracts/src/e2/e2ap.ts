import Type, { type Static } from 'typebox';
import { Cause, TimeToWait } from './cause.ts';
import {
  E2nodeComponentConfigAdditionItem,
  GlobalE2nodeID,
  GlobalRicID,
  MOST_ACTIONS,
  RanFunctionID,
  RanFunctionItem,
  RicActionID,
  RicActionNotAdmitted,
  RicRequestID,
  RicSubscriptionDetails,
  TransactionID,
} from './elements.ts';
import { octets, strict } from './octets.ts';

/** Messages of O-RAN.WG3.E2AP v3 that this RIC and this RAN exchange; fields carry the names of the information elements. */

const E2setupRequest = Type.Object(
  {
    transactionID: TransactionID,
    globalE2nodeID: GlobalE2nodeID,
    ranFunctionsAdded: Type.Array(RanFunctionItem, { maxItems: 256 }),
    e2nodeComponentConfigAddition: Type.Array(E2nodeComponentConfigAdditionItem, { minItems: 1, maxItems: 1_024 }),
  },
  strict,
);

const E2setupResponse = Type.Object(
  {
    transactionID: TransactionID,
    globalRicID: GlobalRicID,
    ranFunctionsAccepted: Type.Array(
      Type.Object({ ranFunctionID: RanFunctionID, ranFunctionRevision: Type.Integer({ minimum: 0 }) }, strict),
      { maxItems: 256 },
    ),
    ranFunctionsRejected: Type.Optional(
      Type.Array(Type.Object({ ranFunctionID: RanFunctionID, cause: Cause }, strict), { maxItems: 256 }),
    ),
  },
  strict,
);

const E2setupFailure = Type.Object(
  { transactionID: TransactionID, cause: Cause, timeToWait: Type.Optional(TimeToWait) },
  strict,
);

const request = { ricRequestID: RicRequestID, ranFunctionID: RanFunctionID };

const RICsubscriptionRequest = Type.Object({ ...request, ricSubscriptionDetails: RicSubscriptionDetails }, strict);
const RICsubscriptionResponse = Type.Object(
  {
    ...request,
    'ricAction-Admitted-List': Type.Array(Type.Object({ ricActionID: RicActionID }, strict), {
      minItems: 1,
      maxItems: MOST_ACTIONS,
    }),
    'ricAction-NotAdmitted-List': Type.Optional(Type.Array(RicActionNotAdmitted, { maxItems: MOST_ACTIONS })),
  },
  strict,
);
const RICsubscriptionFailure = Type.Object({ ...request, cause: Cause }, strict);
const RICsubscriptionDeleteRequest = Type.Object(request, strict);
const RICsubscriptionDeleteResponse = Type.Object(request, strict);
const RICsubscriptionDeleteFailure = Type.Object({ ...request, cause: Cause }, strict);

const RICindication = Type.Object(
  {
    ...request,
    ricActionID: RicActionID,
    ricIndicationSN: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    ricIndicationType: Type.Enum(['report', 'insert'] as const),
    ricIndicationHeader: octets(),
    ricIndicationMessage: octets(),
  },
  strict,
);

const RICcontrolRequest = Type.Object(
  {
    ...request,
    ricControlHeader: octets(),
    ricControlMessage: octets(),
    ricControlAckRequest: Type.Optional(Type.Enum(['noAck', 'ack'] as const)),
  },
  strict,
);
const RICcontrolAcknowledge = Type.Object({ ...request, ricControlOutcome: Type.Optional(octets()) }, strict);
const RICcontrolFailure = Type.Object({ ...request, cause: Cause, ricControlOutcome: Type.Optional(octets()) }, strict);

const ErrorIndication = Type.Object(
  {
    transactionID: Type.Optional(TransactionID),
    ricRequestID: Type.Optional(RicRequestID),
    ranFunctionID: Type.Optional(RanFunctionID),
    cause: Type.Optional(Cause),
  },
  strict,
);

const ResetRequest = Type.Object({ transactionID: TransactionID, cause: Cause }, strict);
const ResetResponse = Type.Object({ transactionID: TransactionID }, strict);

/** The schema of each message by the name of its ASN.1 type. */
export const E2AP_MESSAGES = {
  E2setupRequest,
  E2setupResponse,
  E2setupFailure,
  RICsubscriptionRequest,
  RICsubscriptionResponse,
  RICsubscriptionFailure,
  RICsubscriptionDeleteRequest,
  RICsubscriptionDeleteResponse,
  RICsubscriptionDeleteFailure,
  RICindication,
  RICcontrolRequest,
  RICcontrolAcknowledge,
  RICcontrolFailure,
  ErrorIndication,
  ResetRequest,
  ResetResponse,
};

export type E2apName = keyof typeof E2AP_MESSAGES;
export type E2apValue<N extends E2apName> = Static<(typeof E2AP_MESSAGES)[N]>;

/** An E2AP-PDU; its CHOICE branch, procedure code and criticality follow from the name (`E2AP_PROCEDURES`). */
export type E2apPdu = { [N in E2apName]: { readonly message: N; readonly value: E2apValue<N> } }[E2apName];
