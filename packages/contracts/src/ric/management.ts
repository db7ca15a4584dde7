import Type, { type Static } from 'typebox';
import { PolicyStatusObject } from '../a1/index.ts';
import { SNssai } from '../e2/index.ts';

/** Management of the Near-RT RIC: the paths and names of e2mgr, submgr and appmgr, as far as they are served. */
export const NODEB = '/v1/nodeb';
export const RIC_V1 = '/ric/v1';
/** Ours: all A1 policies with their state, for the dashboard. */
export const RIC_POLICIES = '/v1/policies';

export const ConnectionStatus = Type.Enum(['CONNECTED', 'DISCONNECTED', 'UNDER_RESET'] as const);
export type ConnectionStatus = Static<typeof ConnectionStatus>;

export const GlobalNbId = Type.Object({ plmnId: Type.String(), nbId: Type.String() });

/** `GET /v1/nodeb/states`: an array of these. */
export const NodebState = Type.Object({
  inventoryName: Type.String(),
  globalNbId: GlobalNbId,
  connectionStatus: ConnectionStatus,
});
export type NodebState = Static<typeof NodebState>;

export const ServedNrCell = Type.Object({
  /** PLMN in digits, MCC then MNC, and the NR cell identity. */
  plmn: Type.Object({ mcc: Type.String(), mnc: Type.String() }),
  ncI: Type.Integer({ minimum: 0 }),
  prbs: Type.Integer({ minimum: 1 }),
  slices: Type.Array(SNssai),
});
export type ServedNrCell = Static<typeof ServedNrCell>;

/** `GET /v1/nodeb/{ranName}`. */
export const NodeInfo = Type.Object({
  ranName: Type.String(),
  ip: Type.String(),
  port: Type.Integer(),
  connectionStatus: ConnectionStatus,
  globalNbId: GlobalNbId,
  nodeType: Type.Literal('GNB'),
  gnb: Type.Object({
    gnbType: Type.Literal('GNB'),
    ranFunctions: Type.Array(
      Type.Object({
        ranFunctionId: Type.Integer(),
        ranFunctionDefinition: Type.String(),
        ranFunctionRevision: Type.Integer(),
        ranFunctionOid: Type.String(),
      }),
    ),
    servedNrCells: Type.Array(ServedNrCell),
  }),
  /** ManagedElement name, as the node gave it. */
  managedElement: Type.String(),
  setupFromNetwork: Type.Boolean(),
  /** ISO 8601; of the last change of `connectionStatus`. */
  statusUpdated: Type.String(),
  indications: Type.Integer(),
  controls: Type.Integer(),
});
export type NodeInfo = Static<typeof NodeInfo>;

/** `GET /ric/v1/subscriptions`: an array of these. */
export const SubscriptionInfo = Type.Object({
  SubscriptionId: Type.Integer(),
  Meid: Type.String(),
  ClientEndpoint: Type.Array(Type.String()),
  RANFunctionID: Type.Integer(),
  actions: Type.Integer(),
});
export type SubscriptionInfo = Static<typeof SubscriptionInfo>;

/** `GET /ric/v1/xapps`: an array of these. */
export const XappInfo = Type.Object({
  name: Type.String(),
  version: Type.String(),
  status: Type.Enum(['deployed', 'failed'] as const),
  /** Why it is not healthy; empty when it is. */
  reason: Type.String(),
  policyTypes: Type.Array(Type.String()),
  counts: Type.Record(Type.String(), Type.Number()),
});
export type XappInfo = Static<typeof XappInfo>;

/** `GET /v1/policies`: `{policies, total}`, newest change first. */
export const RicPolicy = Type.Object({
  policyId: Type.String(),
  policyTypeId: Type.String(),
  policyObject: Type.Record(Type.String(), Type.Unknown()),
  status: PolicyStatusObject,
  /** What the xApp said beside the status. */
  detail: Type.String(),
  /** ISO 8601. */
  created: Type.String(),
  lastModified: Type.String(),
});
export type RicPolicy = Static<typeof RicPolicy>;
export const RicPolicies = Type.Object({ policies: Type.Array(RicPolicy), total: Type.Integer() });
export type RicPolicies = Static<typeof RicPolicies>;
