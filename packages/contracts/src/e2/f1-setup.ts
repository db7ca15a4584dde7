import Type, { type Static } from 'typebox';
import { NrCgi, PlmnIdentity, SNssai, strict } from './octets.ts';

/** NRB of TS 38.473 9.3.1.15: the widths a carrier can have, in PRB. */
export const NR_NRB = [
  11, 18, 24, 25, 31, 32, 38, 51, 52, 65, 66, 78, 79, 93, 106, 107, 121, 132, 133, 135, 160, 162, 189, 216, 217, 245,
  264, 270, 273,
] as const;

const ServedCell = Type.Object(
  {
    nRCGI: NrCgi,
    servedPLMNs: Type.Array(
      Type.Object(
        {
          pLMNIdentity: PlmnIdentity,
          tAISliceSupportList: Type.Array(Type.Object({ sNSSAI: SNssai }, strict), { maxItems: 1_024 }),
        },
        strict,
      ),
      { minItems: 1, maxItems: 6 },
    ),
    /** TS 38.473 nR-Mode-Info, TDD; the width in PRB as a number. */
    'nR-Mode-Info': Type.Object(
      { tDD: Type.Object({ nRNRB: Type.Integer({ minimum: 1, maximum: 275 }) }, strict) },
      strict,
    ),
  },
  strict,
);

/**
 * What this project carries of TS 38.473 F1 SETUP REQUEST: a gNB-DU tells the RIC its cells and their slices by handing
 * over this message in its E2 node component configuration.
 */
export const F1SetupRequest = Type.Object(
  {
    'gNB-DU-ID': Type.Integer({ minimum: 0, maximum: 68_719_476_735 }),
    'gNB-DU-Name': Type.Optional(Type.String({ minLength: 1, maxLength: 150 })),
    'gNB-DU-Served-Cells-List': Type.Array(ServedCell, { minItems: 1, maxItems: 512 }),
  },
  strict,
);
export type F1SetupRequest = Static<typeof F1SetupRequest>;
