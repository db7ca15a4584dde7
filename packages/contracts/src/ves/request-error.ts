import Type, { type Static } from 'typebox';

const Exception = Type.Object({
  messageId: Type.String(),
  /** `%1`, `%2` ... stand for the variables. */
  text: Type.String(),
  variables: Type.Optional(Type.Array(Type.String())),
});

/** The body of a refusal. The specification writes lower camel case; ONAP's collector writes `ServiceException`. */
export const VesRequestError = Type.Object({
  requestError: Type.Object({
    serviceException: Type.Optional(Exception),
    policyException: Type.Optional(Exception),
  }),
});
export type VesRequestError = Static<typeof VesRequestError>;

interface VesMessage {
  readonly status: number;
  readonly kind: 'serviceException' | 'policyException';
  readonly text: string;
}

/** The messages of VES event listener 7.2.1 that a collector sends, with the HTTP status of each. */
export const VES_MESSAGES = {
  SVC0001: { status: 400, kind: 'serviceException', text: 'The request cannot be used: %1' },
  SVC0002: { status: 400, kind: 'serviceException', text: 'Invalid input value for %1 %2: %3' },
  SVC1000: { status: 503, kind: 'serviceException', text: 'No server resources available to process the request' },
  SVC2000: { status: 500, kind: 'serviceException', text: 'The service met an error: %1. Error code is %2' },
  SVC2004: { status: 400, kind: 'serviceException', text: 'Invalid value of %1 %2: %3' },
  SVC2006: { status: 400, kind: 'serviceException', text: 'Mandatory input %1 %2 is missing from the request' },
  POL0001: { status: 401, kind: 'policyException', text: 'The credentials are missing or wrong' },
  POL9003: { status: 400, kind: 'policyException', text: 'The message is larger than the limit of %1 bytes' },
} as const satisfies Record<string, VesMessage>;
export type VesMessageId = keyof typeof VES_MESSAGES;

export function vesRequestError(id: VesMessageId, variables: readonly string[] = []): VesRequestError {
  const { kind, text } = VES_MESSAGES[id];
  const exception = { messageId: id, text, ...(variables.length > 0 ? { variables: [...variables] } : {}) };
  return { requestError: { [kind]: exception } };
}
