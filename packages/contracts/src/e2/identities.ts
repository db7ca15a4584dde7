import { RanloopError } from '../errors/index.ts';
import type { NrCgi, SNssai } from './octets.ts';

/** `{mcc: '001', mnc: '01'}` to `00f110`: digits in swapped nibbles, a two-digit MNC filled with f. */
export function plmnToOctets({ mcc, mnc }: { mcc: string; mnc: string }): string {
  if (!/^\d{3}$/.test(mcc) || !/^\d{2,3}$/.test(mnc))
    throw new RanloopError('RL_INVALID', `PLMN ${mcc.slice(0, 8)}-${mnc.slice(0, 8)} is not 3 and 2 or 3 digits`);
  const [a, b, c] = mcc;
  const [d, e, f = 'f'] = mnc;
  return `${b}${a}${f}${c}${e}${d}`;
}

export function plmnFromOctets(hex: string): { mcc: string; mnc: string } {
  const [b, a, f, c, e, d] = hex;
  const plmn = { mcc: `${a}${b}${c}`, mnc: f === 'f' ? `${d}${e}` : `${d}${e}${f}` };
  if (!/^\d{3}$/.test(plmn.mcc) || !/^\d{2,3}$/.test(plmn.mnc))
    throw new RanloopError('RL_INVALID', `PLMN identity ${hex.slice(0, 12)} holds no digits`);
  return plmn;
}

/** The form of TS 28.552 subcounters: "01" or "01000001". */
export function snssaiText({ sST, sD }: SNssai): string {
  return `${sST}${sD ?? ''}`;
}

export function snssaiFromText(text: string): SNssai {
  const sST = text.slice(0, 2);
  return text.length > 2 ? { sST, sD: text.slice(2) } : { sST };
}

/** 36 bits stand left in five octets; the last four bits are padding. */
export function nrCgi(plmn: string, ncI: number): NrCgi {
  return { pLMNIdentity: plmn, nRCellIdentity: { value: (ncI * 16).toString(16).padStart(10, '0'), length: 36 } };
}

export function ncIOf({ nRCellIdentity }: NrCgi): number {
  return Math.floor(Number.parseInt(nRCellIdentity.value, 16) / 16);
}
