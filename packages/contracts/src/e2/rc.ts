import Type, { type Static } from 'typebox';
import { NrCgi, PlmnIdentity, SNssai, strict } from './octets.ts';

/** O-RAN.WG3.E2SM-RC, control style 2 (radio resource allocation), action 6 (slice-level PRB quota). */
export const RC_SLICE_PRB_QUOTA = { style: 2, action: 6 } as const;

/**
 * RAN parameter ids of E2SM-RC 8.4.3.6. Messages here are the typed form of the parameter tree; a codec for the tree
 * finds the ids in this table. The action itself addresses a whole E2 node; `nrCgi` is ours, so that a node with
 * several cells can be given one list per cell, and has an id that the specification does not use.
 */
export const RC_PARAMETERS = {
  rrmPolicyRatioList: 1,
  rrmPolicyRatioGroup: 2,
  rrmPolicy: 3,
  rrmPolicyMemberList: 5,
  rrmPolicyMember: 6,
  plmnIdentity: 7,
  sNSSAI: 8,
  sST: 9,
  sD: 10,
  minPrbPolicyRatio: 11,
  maxPrbPolicyRatio: 12,
  dedicatedPrbPolicyRatio: 13,
  nrCgi: 4_294_901_761,
} as const;

export const RcControlHeader = Type.Object(
  {
    'ric-controlHeader-formats': Type.Object(
      {
        'controlHeader-Format1': Type.Object(
          {
            /** Mandatory in the ASN.1, without meaning for an action on slices. */
            ueID: Type.Object(
              {
                'gNB-DU-UEID': Type.Object(
                  { 'gNB-CU-UE-F1AP-ID': Type.Integer({ minimum: 0, maximum: 4_294_967_295 }) },
                  strict,
                ),
              },
              strict,
            ),
            'ric-Style-Type': Type.Integer(),
            'ric-ControlAction-ID': Type.Integer({ minimum: 1, maximum: 65_535 }),
          },
          strict,
        ),
      },
      strict,
    ),
  },
  strict,
);
export type RcControlHeader = Static<typeof RcControlHeader>;

/** Percent of the PRBs of the cell; whole numbers in the specification. */
const Ratio = Type.Integer({ minimum: 0, maximum: 100 });

export const RrmPolicyRatio = Type.Object(
  {
    rrmPolicy: Type.Object(
      {
        rrmPolicyMemberList: Type.Array(Type.Object({ plmnIdentity: PlmnIdentity, sNSSAI: SNssai }, strict), {
          minItems: 1,
          maxItems: 16,
        }),
      },
      strict,
    ),
    minPrbPolicyRatio: Ratio,
    maxPrbPolicyRatio: Ratio,
    dedicatedPrbPolicyRatio: Ratio,
  },
  strict,
);
export type RrmPolicyRatio = Static<typeof RrmPolicyRatio>;

export const RcControlMessage = Type.Object(
  {
    'ric-controlMessage-formats': Type.Object(
      {
        'controlMessage-Format1': Type.Object(
          { nrCgi: NrCgi, rrmPolicyRatioList: Type.Array(RrmPolicyRatio, { minItems: 1, maxItems: 1_024 }) },
          strict,
        ),
      },
      strict,
    ),
  },
  strict,
);
export type RcControlMessage = Static<typeof RcControlMessage>;

/** Outcome format 1: what the node did, as parameters; on failure a text says why. */
export const RcControlOutcome = Type.Object(
  {
    'ric-controlOutcome-formats': Type.Object(
      {
        'controlOutcome-Format1': Type.Object(
          {
            'ranP-List': Type.Array(
              Type.Object(
                {
                  'ranParameter-ID': Type.Integer({ minimum: 1, maximum: 4_294_967_295 }),
                  'ranParameter-value': Type.Union([
                    Type.Object({ valueInt: Type.Integer() }, strict),
                    Type.Object({ valuePrintableString: Type.String({ maxLength: 1_000 }) }, strict),
                  ]),
                },
                strict,
              ),
              { maxItems: 255 },
            ),
          },
          strict,
        ),
      },
      strict,
    ),
  },
  strict,
);
export type RcControlOutcome = Static<typeof RcControlOutcome>;
