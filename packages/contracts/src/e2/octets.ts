import Type, { type Static } from 'typebox';

/** Every object of these protocols refuses fields it does not know: the JSON carrier must not hide a peer's mistake. */
export const strict = { additionalProperties: false } as const;

const MOST_OCTETS = 65_536;

/** An OCTET STRING as lower-case hex, so that the value in memory and its JSON form are one and the same. */
export function octets({ min = 0, max = MOST_OCTETS }: { min?: number; max?: number } = {}) {
  return Type.String({ pattern: '^([0-9a-f]{2})*$', minLength: 2 * min, maxLength: 2 * max });
}

/** A BIT STRING of varying size: its bits from the left in hex, padded with zeros, and their number (as in JER, X.697). */
export function bits({ min, max }: { min: number; max: number }) {
  return Type.Object(
    {
      value: Type.String({ pattern: '^([0-9a-f]{2})*$', maxLength: 2 * Math.ceil(max / 8) }),
      length: Type.Integer({ minimum: min, maximum: max }),
    },
    strict,
  );
}

/** PLMN identity, 3 octets, TBCD digits as in TS 38.413 9.3.3.5. */
export const PlmnIdentity = octets({ min: 3, max: 3 });

/** TS 38.413 S-NSSAI: SST of 1 octet, SD of 3. */
export const SNssai = Type.Object(
  { sST: octets({ min: 1, max: 1 }), sD: Type.Optional(octets({ min: 3, max: 3 })) },
  strict,
);
export type SNssai = Static<typeof SNssai>;

/** NR CGI: the NR cell identity is a BIT STRING of 36 bits. */
export const NrCgi = Type.Object({ pLMNIdentity: PlmnIdentity, nRCellIdentity: bits({ min: 36, max: 36 }) }, strict);
export type NrCgi = Static<typeof NrCgi>;
