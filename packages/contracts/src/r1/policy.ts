import Type, { type Static } from 'typebox';
import { PolicyStatusObject } from '../a1/index.ts';

/** R1 A1-policy management, the paths and names of A1 PMS v3 (R1-AP). Times are ISO 8601. */
export const R1_POLICY = '/a1-policy-management/v1';

/** R1 enrichment information: a producer posts results of an EI type; the policy room forwards them to A1-EI jobs. */
export const R1_EI = '/r1/ei/v1';

const Id = Type.String({ minLength: 1, maxLength: 256 });

export const RicState = Type.Union([
  Type.Literal('AVAILABLE'),
  Type.Literal('UNAVAILABLE'),
  Type.Literal('SYNCHRONIZING'),
  Type.Literal('CONSISTENCY_CHECK'),
]);

export const RicInfo = Type.Object({
  ricId: Id,
  managedElementIds: Type.Array(Type.String()),
  state: RicState,
  policyTypeIds: Type.Array(Id),
});
export type RicInfo = Static<typeof RicInfo>;

/** `POST /policies`; without `policyId` the server makes one. */
export const PolicyRequest = Type.Object(
  {
    nearRtRicId: Id,
    policyTypeId: Id,
    policyId: Type.Optional(Id),
    policyObject: Type.Record(Type.String(), Type.Unknown()),
    serviceId: Type.Optional(Type.String({ maxLength: 256 })),
    transient: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type PolicyRequest = Static<typeof PolicyRequest>;

export const PolicyRef = Type.Object({ policyId: Id, nearRtRicId: Id });
export type PolicyRef = Static<typeof PolicyRef>;

/** One step in the life of a policy: what was asked of the RIC, or what it reported. */
export const PolicyEvent = Type.Object({
  time: Type.String(),
  kind: Type.Union([
    Type.Literal('CREATED'),
    Type.Literal('UPDATED'),
    Type.Literal('DELETED'),
    Type.Literal('STATUS'),
    Type.Literal('FAILED'),
  ]),
  httpStatus: Type.Optional(Type.Integer()),
  status: Type.Optional(PolicyStatusObject),
  policyObject: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  detail: Type.Optional(Type.String()),
});
export type PolicyEvent = Static<typeof PolicyEvent>;

/** `GET /policies/{id}/history`: ours, not in PMS. */
export const PolicyHistory = Type.Object({
  policyId: Id,
  nearRtRicId: Id,
  policyTypeId: Id,
  serviceId: Type.String(),
  events: Type.Array(PolicyEvent),
});
export type PolicyHistory = Static<typeof PolicyHistory>;

/** `POST /r1/ei/v1/{eiTypeId}`: results to hand to every A1-EI job of this type. */
export const EiDelivery = Type.Object({
  results: Type.Array(Type.Record(Type.String(), Type.Unknown()), { maxItems: 10_000 }),
});
export type EiDelivery = Static<typeof EiDelivery>;
