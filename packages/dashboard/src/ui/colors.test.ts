import { describe, expect, it } from 'vitest';
import { distinctColors, type Scheme, seriesColor, seriesDashes } from './colors.ts';

/** WCAG 2.2: relative luminance of `#rrggbb`, and the contrast of two. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const SURFACE: Record<Scheme, string> = { light: '#ffffff', dark: '#161c23' };

describe('colours of series', () => {
  it('stand out from the surface of their scheme by 3 to 1 at least', () => {
    for (const scheme of ['light', 'dark'] as const)
      for (const color of distinctColors(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], scheme))
        expect(contrast(color, SURFACE[scheme])).toBeGreaterThanOrEqual(3);
  });

  it('differ among the five controllers and among the three slices', () => {
    const colors = (names: string[]) => new Set(names.map((name) => seriesColor(name, 'light'))).size;
    expect(colors(['none', 'static', 'reactive', 'loop', 'oracle'])).toBe(5);
    expect(colors(['eMBB', 'URLLC', 'mIoT'])).toBe(3);
  });

  it('give names of one colour different dashes', () => {
    expect(seriesDashes(['loop', 'static', 'loop'])).toEqual([undefined, undefined, [7, 4]]);
  });

  it('are all different within a figure as long as there are enough', () => {
    const names = Array.from({ length: 8 }, (_, at) => `curve ${at}`);
    expect(new Set(distinctColors(names, 'dark')).size).toBe(8);
  });
});
