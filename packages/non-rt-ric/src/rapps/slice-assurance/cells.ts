import { RANLOOP_SLICE_SLA_TARGET, type RanloopSliceSlaTarget } from '@ranloop/contracts/a1';
import type { PrbRatio } from '@ranloop/contracts/r1';
import { cellOf } from '@ranloop/sdk/features';
import type { SliceAssuranceConfig } from './config.ts';

/** Bits of the NCI that number the cell when the gNB identifier has 22 (TS 38.413 9.3.1.7). */
const CELL_BITS = 2 ** 14;

export const POLICY_TYPE = RANLOOP_SLICE_SLA_TARGET;
export const SERVICE_ID = 'slice-assurance';

/** What the A1 policies call a cell: from the configuration, or read from its DN. */
export function cellFacts(
  config: SliceAssuranceConfig,
  dn: string,
): { ncI: number; prbs: number; managedElement: string } {
  const name = cellOf(dn);
  const same = (other: string) => {
    const listed = cellOf(other);
    return other === dn || (listed?.cell === name?.cell && listed?.managedElement === name?.managedElement);
  };
  const listed = config.cells.find((cell) => same(cell.dn));
  const number = (text: string | undefined) => Number(/(\d+)$/.exec(text ?? '')?.[1] ?? 0);
  return {
    ncI: listed?.ncI ?? number(name?.managedElement) * CELL_BITS + number(name?.cell),
    prbs: listed?.prbs ?? config.cellPrbs,
    managedElement: name?.managedElement ?? '',
  };
}

/** What a cell falls back to, by S-NSSAI; empty when nothing is set. */
export function staticRatiosOf(config: SliceAssuranceConfig, dn: string): ReadonlyMap<string, PrbRatio> {
  const entries = config.staticRatios ?? [];
  const general = entries.filter(({ cell }) => cell === undefined);
  const own = entries.filter(({ cell }) => cell === dn);
  return new Map([...general, ...own].map(({ snssai, ratio }) => [snssai, ratio]));
}

/** One policy for each cell and slice, always by the same name, so that a restart finds its own again. */
export function policyIdOf(dn: string, snssai: string): string {
  const name = cellOf(dn);
  return `${SERVICE_ID}-${name?.managedElement ?? ''}-${name?.cell ?? dn}-${snssai}`.slice(0, 256);
}

export interface Target {
  readonly dn: string;
  readonly snssai: string;
  readonly ratio: PrbRatio;
  /** kbit/s that the minimum ratio carries; 0 when not known. */
  readonly guaranteed: number;
}

export function policyObject(config: SliceAssuranceConfig, target: Target): RanloopSliceSlaTarget {
  const { dn, snssai, ratio, guaranteed } = target;
  const plmnId = { ...config.plmn };
  const sd = snssai.slice(2);
  return {
    scope: {
      sliceId: { sst: Number.parseInt(snssai.slice(0, 2), 16), ...(sd === '' ? {} : { sd }), plmnId },
      cellId: { plmnId, cId: { ncI: cellFacts(config, dn).ncI } },
    },
    sliceSlaObjectives: { guaDlThptPerSlice: Number.isFinite(guaranteed) ? Math.round(guaranteed) : 0 },
    sliceSlaResources: { minPrbRatio: ratio.min, maxPrbRatio: ratio.max, dedicatedPrbRatio: ratio.dedicated },
  };
}

/** The ratio in a policy that was read back; undefined when it is none of ours. */
export function ratioOf(object: Record<string, unknown>): PrbRatio | undefined {
  const given = (object['sliceSlaResources'] ?? {}) as Record<string, unknown>;
  const { minPrbRatio: min, maxPrbRatio: max, dedicatedPrbRatio: dedicated } = given;
  return typeof min === 'number' && typeof max === 'number' && typeof dedicated === 'number'
    ? { min, max, dedicated }
    : undefined;
}
