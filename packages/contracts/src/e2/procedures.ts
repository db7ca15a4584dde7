import type { E2apName } from './e2ap.ts';

/** Where a message stands in the PDU: what an APER codec needs beside the fields. */
export interface Procedure {
  readonly procedureCode: number;
  readonly choice: 'initiatingMessage' | 'successfulOutcome' | 'unsuccessfulOutcome';
  readonly criticality: 'reject' | 'ignore';
}

const initiating = (procedureCode: number, criticality: 'reject' | 'ignore' = 'reject'): Procedure => ({
  procedureCode,
  choice: 'initiatingMessage',
  criticality,
});
const successful = (procedureCode: number): Procedure => ({
  procedureCode,
  choice: 'successfulOutcome',
  criticality: 'reject',
});
const unsuccessful = (procedureCode: number): Procedure => ({
  procedureCode,
  choice: 'unsuccessfulOutcome',
  criticality: 'reject',
});

export const E2AP_PROCEDURES: Readonly<Record<E2apName, Procedure>> = {
  E2setupRequest: initiating(1),
  E2setupResponse: successful(1),
  E2setupFailure: unsuccessful(1),
  ErrorIndication: initiating(2, 'ignore'),
  ResetRequest: initiating(3),
  ResetResponse: successful(3),
  RICcontrolRequest: initiating(4),
  RICcontrolAcknowledge: successful(4),
  RICcontrolFailure: unsuccessful(4),
  RICindication: initiating(5, 'ignore'),
  RICsubscriptionRequest: initiating(8),
  RICsubscriptionResponse: successful(8),
  RICsubscriptionFailure: unsuccessful(8),
  RICsubscriptionDeleteRequest: initiating(9),
  RICsubscriptionDeleteResponse: successful(9),
  RICsubscriptionDeleteFailure: unsuccessful(9),
};
