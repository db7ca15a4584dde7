import Type, { type Static } from 'typebox';
import { Cause } from './cause.ts';
import { bits, octets, PlmnIdentity, strict } from './octets.ts';

const uint = (maximum: number) => Type.Integer({ minimum: 0, maximum });

export const TransactionID = uint(255);

/** Chosen by the RIC; names a subscription or a control at the node. */
export const RicRequestID = Type.Object({ ricRequestorID: uint(65_535), ricInstanceID: uint(65_535) }, strict);
export type RicRequestID = Static<typeof RicRequestID>;

export const RanFunctionID = uint(4_095);
export const RicActionID = uint(255);

export const GlobalGnbID = Type.Object(
  { 'plmn-id': PlmnIdentity, 'gnb-id': Type.Object({ 'gnb-ID': bits({ min: 22, max: 32 }) }, strict) },
  strict,
);

export const GlobalE2nodeID = Type.Object(
  {
    gNB: Type.Object(
      { 'global-gNB-ID': GlobalGnbID, 'gNB-DU-ID': Type.Optional(Type.Integer({ minimum: 0 })) },
      strict,
    ),
  },
  strict,
);
export type GlobalE2nodeID = Static<typeof GlobalE2nodeID>;

export const GlobalRicID = Type.Object({ 'pLMN-Identity': PlmnIdentity, 'ric-ID': bits({ min: 20, max: 20 }) }, strict);
export type GlobalRicID = Static<typeof GlobalRicID>;

export const RanFunctionItem = Type.Object(
  {
    ranFunctionID: RanFunctionID,
    ranFunctionDefinition: octets(),
    ranFunctionRevision: uint(4_095),
    ranFunctionOID: Type.String({ minLength: 1, maxLength: 1_000 }),
  },
  strict,
);
export type RanFunctionItem = Static<typeof RanFunctionItem>;

/** The octets are the messages of the node's own interfaces: for a gNB-DU its F1 SETUP REQUEST and the response to it. */
export const E2nodeComponentConfigAdditionItem = Type.Object(
  {
    e2nodeComponentInterfaceType: Type.Enum(['ng', 'xn', 'e1', 'f1', 'w1', 's1', 'x2'] as const),
    e2nodeComponentID: Type.Object(
      {
        e2nodeComponentInterfaceTypeF1: Type.Object({ 'gNB-DU-ID': Type.Integer({ minimum: 0 }) }, strict),
      },
      strict,
    ),
    e2nodeComponentConfiguration: Type.Object(
      { e2nodeComponentRequestPart: octets(), e2nodeComponentResponsePart: octets() },
      strict,
    ),
  },
  strict,
);

const RicActionType = Type.Enum(['report', 'insert', 'policy', 'control'] as const);

/** maxofRICactionID of the ASN.1. */
export const MOST_ACTIONS = 16;

export const RicActionToBeSetup = Type.Object(
  { ricActionID: RicActionID, ricActionType: RicActionType, ricActionDefinition: Type.Optional(octets()) },
  strict,
);
export type RicActionToBeSetup = Static<typeof RicActionToBeSetup>;

export const RicSubscriptionDetails = Type.Object(
  {
    ricEventTriggerDefinition: octets(),
    'ricAction-ToBeSetup-List': Type.Array(RicActionToBeSetup, { minItems: 1, maxItems: MOST_ACTIONS }),
  },
  strict,
);

export const RicActionNotAdmitted = Type.Object({ ricActionID: RicActionID, cause: Cause }, strict);
export type RicActionNotAdmitted = Static<typeof RicActionNotAdmitted>;
