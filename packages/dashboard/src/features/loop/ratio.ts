import { formatFixed } from '../../ui/format.ts';

export function ratioText(ratio: { min: number; max: number } | undefined): string {
  return ratio ? `${formatFixed(ratio.min, 0)}–${formatFixed(ratio.max, 0)}` : '–';
}
