import Type, { type Static } from 'typebox';
import { strict } from './octets.ts';

/** E2AP Cause; the values of each branch in the order of the ASN.1, so that an index is a code. */
export const RIC_REQUEST_CAUSES = [
  'ran-function-id-invalid',
  'action-not-supported',
  'excessive-actions',
  'duplicate-action',
  'duplicate-event-trigger',
  'function-resource-limit',
  'request-id-unknown',
  'inconsistent-action-subsequent-action-sequence',
  'control-message-invalid',
  'ric-call-process-id-invalid',
  'control-timer-expired',
  'control-failed-to-execute',
  'system-not-ready',
  'unspecified',
  'ric-subscription-end-time-expired',
  'ric-subscription-end-time-invalid',
  'duplicate-ric-request-id',
  'eventTriggerNotSupported',
  'requestedInformationUnavailable',
  'invalidInformationRequest',
] as const;

const ricService = ['ran-function-not-supported', 'excessive-functions', 'ric-resource-limit'] as const;
const e2Node = ['e2node-component-unknown'] as const;
const transport = ['unspecified', 'transport-resource-unavailable'] as const;
const protocol = [
  'transfer-syntax-error',
  'abstract-syntax-error-reject',
  'abstract-syntax-error-ignore-and-notify',
  'message-not-compatible-with-receiver-state',
  'semantic-error',
  'abstract-syntax-error-falsely-constructed-message',
  'unspecified',
] as const;
const misc = ['control-processing-overload', 'hardware-failure', 'om-intervention', 'unspecified'] as const;

export const Cause = Type.Union([
  Type.Object({ ricRequest: Type.Enum(RIC_REQUEST_CAUSES) }, strict),
  Type.Object({ ricService: Type.Enum(ricService) }, strict),
  Type.Object({ e2Node: Type.Enum(e2Node) }, strict),
  Type.Object({ transport: Type.Enum(transport) }, strict),
  Type.Object({ protocol: Type.Enum(protocol) }, strict),
  Type.Object({ misc: Type.Enum(misc) }, strict),
]);
export type Cause = Static<typeof Cause>;

/** `ricRequest/control-failed-to-execute`, for logs and reasons. */
export function causeText(cause: Cause): string {
  const [branch, value] = Object.entries(cause)[0] ?? ['misc', 'unspecified'];
  return `${branch}/${value}`;
}

/** TimeToWait, in seconds after the letter: how long a node must wait before it asks again. */
export const TimeToWait = Type.Enum(['v1s', 'v2s', 'v5s', 'v10s', 'v20s', 'v60s'] as const);
export type TimeToWait = Static<typeof TimeToWait>;
