import Type, { type Static } from 'typebox';
import { octets, PlmnIdentity, SNssai } from '../e2/index.ts';

/** Messages of TS 37.483 E1AP between gNB-CU-CP and gNB-CU-UP that the simulated split exchanges. */
const strict = { additionalProperties: false } as const;

const transaction = { transactionID: Type.Integer({ minimum: 0, maximum: 255 }) };
const UeId = Type.Integer({ minimum: 0, maximum: 4_294_967_295 });
const ue = { 'gNB-CU-CP-UE-E1AP-ID': UeId, 'gNB-CU-UP-UE-E1AP-ID': UeId };
const DrbId = Type.Integer({ minimum: 1, maximum: 32 });
const Usage = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const E1_PROCEDURE_CODES = {
  'gNB-CU-UP-E1Setup': 3,
  bearerContextSetup: 8,
  bearerContextRelease: 11,
  dataUsageReport: 15,
  'gNB-CU-UP-StatusIndication': 17,
} as const;

export const E1Cause = Type.Union([
  Type.Object({ radioNetwork: Type.Enum(['unspecified', 'resource-not-available-for-the-slice'] as const) }, strict),
  Type.Object({ protocol: Type.Enum(['transfer-syntax-error', 'semantic-error', 'unspecified'] as const) }, strict),
  Type.Object({ misc: Type.Enum(['control-processing-overload', 'unspecified'] as const) }, strict),
]);
export type E1Cause = Static<typeof E1Cause>;

const GNBCUUPE1SetupRequest = Type.Object(
  {
    ...transaction,
    'gNB-CU-UP-ID': Type.Integer({ minimum: 0, maximum: 68_719_476_735 }),
    'gNB-CU-UP-Name': Type.Optional(Type.String({ minLength: 1, maxLength: 150 })),
    cNSupport: Type.Enum(['c-epc', 'c-5gc', 'both'] as const),
    supportedPLMNs: Type.Array(
      Type.Object(
        { pLMNIdentity: PlmnIdentity, sliceSupportList: Type.Array(SNssai, { minItems: 1, maxItems: 1_024 }) },
        strict,
      ),
      { minItems: 1, maxItems: 12 },
    ),
    'gNB-CU-UP-Capacity': Type.Integer({ minimum: 0, maximum: 255 }),
  },
  strict,
);
const GNBCUUPE1SetupResponse = Type.Object(
  { ...transaction, 'gNB-CU-CP-Name': Type.Optional(Type.String({ maxLength: 150 })) },
  strict,
);
const GNBCUUPE1SetupFailure = Type.Object(
  {
    ...transaction,
    cause: E1Cause,
    timeToWait: Type.Optional(Type.Enum(['v1s', 'v2s', 'v5s', 'v10s', 'v20s', 'v60s'] as const)),
  },
  strict,
);

/** One PDU session with one DRB; the simulated UEs have no more. Security information is not simulated. */
const BearerContextSetupRequest = Type.Object(
  {
    'gNB-CU-CP-UE-E1AP-ID': UeId,
    uEDLAggregateMaximumBitRate: Type.Integer({ minimum: 0, maximum: 4_000_000_000_000 }),
    servingPLMN: PlmnIdentity,
    activityNotificationLevel: Type.Enum(['drb', 'pdu-session', 'ue'] as const),
    pDUSessionResourceToSetupList: Type.Array(
      Type.Object(
        {
          pDUSessionID: Type.Integer({ minimum: 0, maximum: 255 }),
          pDUSessionType: Type.Enum(['ipv4', 'ipv6', 'ipv4v6', 'ethernet', 'unstructured'] as const),
          sNSSAI: SNssai,
          dRBToSetupListNGRAN: Type.Array(
            Type.Object({ dRBID: DrbId, fiveQI: Type.Integer({ minimum: 0, maximum: 255 }) }, strict),
            { minItems: 1, maxItems: 32 },
          ),
        },
        strict,
      ),
      { minItems: 1, maxItems: 256 },
    ),
  },
  strict,
);
const BearerContextSetupResponse = Type.Object(
  {
    ...ue,
    pDUSessionResourceSetupList: Type.Array(
      Type.Object(
        {
          pDUSessionID: Type.Integer({ minimum: 0, maximum: 255 }),
          dRBSetupListNGRAN: Type.Array(Type.Object({ dRBID: DrbId, gTPTEID: octets({ min: 4, max: 4 }) }, strict), {
            maxItems: 32,
          }),
        },
        strict,
      ),
      { minItems: 1, maxItems: 256 },
    ),
  },
  strict,
);
const BearerContextSetupFailure = Type.Object({ 'gNB-CU-CP-UE-E1AP-ID': UeId, cause: E1Cause }, strict);
const BearerContextReleaseCommand = Type.Object({ ...ue, cause: E1Cause }, strict);
const BearerContextReleaseComplete = Type.Object(ue, strict);

const GNBCUUPStatusIndication = Type.Object(
  {
    ...transaction,
    'gNB-CU-UP-OverloadInformation': Type.Enum(['overloaded', 'not-overloaded'] as const),
  },
  strict,
);

const DataUsageReport = Type.Object(
  {
    ...ue,
    dataUsageReportList: Type.Array(
      Type.Object(
        {
          dRBID: DrbId,
          rATType: Type.Enum(['eUTRA', 'nR'] as const),
          dRBUsageReportList: Type.Array(
            Type.Object(
              {
                /** Seconds of UTC since 1900, 4 octets. */
                startTimeStamp: octets({ min: 4, max: 4 }),
                endTimeStamp: octets({ min: 4, max: 4 }),
                /** Octets. */
                usageCountUL: Usage,
                usageCountDL: Usage,
              },
              strict,
            ),
            { minItems: 1, maxItems: 1_024 },
          ),
        },
        strict,
      ),
      { minItems: 1, maxItems: 32 },
    ),
  },
  strict,
);

export const E1AP_MESSAGES = {
  GNBCUUPE1SetupRequest,
  GNBCUUPE1SetupResponse,
  GNBCUUPE1SetupFailure,
  BearerContextSetupRequest,
  BearerContextSetupResponse,
  BearerContextSetupFailure,
  BearerContextReleaseCommand,
  BearerContextReleaseComplete,
  GNBCUUPStatusIndication,
  DataUsageReport,
};

export type E1apName = keyof typeof E1AP_MESSAGES;
export type E1apValue<N extends E1apName> = Static<(typeof E1AP_MESSAGES)[N]>;
export type E1apPdu = { [N in E1apName]: { readonly message: N; readonly value: E1apValue<N> } }[E1apName];
