import { type FieldProblem, RanloopError } from '@ranloop/contracts/errors';
import type { PrbRatio } from '@ranloop/contracts/r1';
import type { SliceRatio } from '../plant.ts';
import { SLICES } from './layout.ts';

/** No quota: the slice may use everything and is sure of nothing. */
const OPEN: PrbRatio = { min: 0, max: 100, dedicated: 0 };

/** Ratios of the slices of one cell, in the order of the scenario's slices. */
export type CellRatios = readonly PrbRatio[];

export function openRatios(): CellRatios {
  return SLICES.map(() => OPEN);
}

export function withRatios(current: CellRatios, changes: readonly SliceRatio[]): CellRatios {
  const fields: FieldProblem[] = [];
  const refuse = (index: number, field: string, problem: string) =>
    fields.push({ path: `/${index}/${field}`, problem });
  const next = [...current];
  let sum = 0;
  changes.forEach(({ snssai, ratio }, index) => {
    const slice = SLICES.findIndex((known) => known.snssai === snssai);
    if (slice < 0) refuse(index, 'snssai', `is not a slice of this RAN: ${SLICES.map((s) => s.snssai).join(', ')}`);
    for (const part of ['min', 'max', 'dedicated'] as const)
      if (!(ratio[part] >= 0 && ratio[part] <= 100)) refuse(index, `ratio/${part}`, 'must be a percentage 0..100');
    if (ratio.dedicated > ratio.min) refuse(index, 'ratio/dedicated', 'must not exceed min');
    if (ratio.min > ratio.max) refuse(index, 'ratio/min', 'must not exceed max');
    sum += ratio.min;
    if (slice >= 0) next[slice] = { min: ratio.min, max: ratio.max, dedicated: ratio.dedicated };
  });
  if (sum > 100 + 1e-9) refuse(changes.length - 1, 'ratio/min', `brings the sum of min to ${sum}, above 100`);
  const first = fields[0];
  if (first) throw new RanloopError('RL_INVALID', `PRB ratios: ${first.path} ${first.problem}`, { fields });
  return next;
}

/** Ratios as they can be kept: minima of more than the cell are cut in proportion. */
export function keepable(ratios: CellRatios): CellRatios {
  const sum = ratios.reduce((total, { min }) => total + min, 0);
  if (sum <= 100) return ratios;
  return ratios.map(({ min, max, dedicated }) => ({
    min: (min * 100) / sum,
    max,
    dedicated: Math.min(dedicated, (min * 100) / sum),
  }));
}
