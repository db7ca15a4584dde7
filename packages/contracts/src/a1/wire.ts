import Type, { type Static } from 'typebox';

/** A1-P v2 (O-RAN.WG2.A1AP): the Near-RT RIC is the server. */
export const A1_P = '/A1-P/v2';

/** A1-EI v1: the Non-RT RIC is the server. */
export const A1_EI = '/A1-EI/v1';

export const PolicyStatusObject = Type.Object({
  enforceStatus: Type.Union([Type.Literal('ENFORCED'), Type.Literal('NOT_ENFORCED')]),
  enforceReason: Type.Optional(
    Type.Union([
      Type.Literal('SCOPE_NOT_APPLICABLE'),
      Type.Literal('STATEMENT_NOT_APPLICABLE'),
      Type.Literal('OTHER_REASON'),
    ]),
  ),
});
export type PolicyStatusObject = Static<typeof PolicyStatusObject>;

/** `GET /policytypes/{id}`; both members are JSON schemas. */
export const PolicyTypeObject = Type.Object({
  policySchema: Type.Record(Type.String(), Type.Unknown()),
  statusSchema: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type PolicyTypeObject = Static<typeof PolicyTypeObject>;

/** `PUT /eijobs/{id}`. */
export const EiJob = Type.Object({
  eiTypeId: Type.String({ minLength: 1, maxLength: 256 }),
  jobOwner: Type.String({ minLength: 1, maxLength: 256 }),
  jobDefinition: Type.Record(Type.String(), Type.Unknown()),
  jobResultUri: Type.String({ minLength: 1, maxLength: 2048 }),
  statusNotificationUri: Type.Optional(Type.String({ maxLength: 2048 })),
});
export type EiJob = Static<typeof EiJob>;

export const EiJobStatus = Type.Object({
  eiJobStatus: Type.Union([Type.Literal('ENABLED'), Type.Literal('DISABLED')]),
});
export type EiJobStatus = Static<typeof EiJobStatus>;
