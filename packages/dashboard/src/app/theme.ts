import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** Contrast: shades 7 and up carry white text, 3 and down carry text on dark, each over 4.5 to 1. */
const sea: MantineColorsTuple = [
  '#e8f3fd',
  '#cfe4f8',
  '#a5cdf2',
  '#7ab7ee',
  '#4a9be4',
  '#2482d6',
  '#1570c4',
  '#0b5cad',
  '#094b8e',
  '#073a6f',
];

const night: MantineColorsTuple = [
  '#e6eaf0',
  '#c9d1db',
  '#a3aebb',
  '#7d8a99',
  '#3d4855',
  '#2b343f',
  '#202830',
  '#171d24',
  '#10151a',
  '#0b0f13',
];

export const theme = createTheme({
  primaryColor: 'sea',
  primaryShade: { light: 7, dark: 6 },
  colors: { sea, dark: night },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '1.375rem' }, h2: { fontSize: '1rem' } } },
  components: {
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true } },
    Badge: { defaultProps: { radius: 'sm', tt: 'none', fw: 550 } },
    Table: { defaultProps: { verticalSpacing: 7, horizontalSpacing: 9, borderColor: 'var(--rl-line)' } },
  },
});

/** Dimmed text and placeholders of Mantine miss AA on light surfaces; series colours are the ones of ui/colors. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f5f7f9',
    '--mantine-color-text': '#18212b',
    '--mantine-color-dimmed': '#55606d',
    '--mantine-color-placeholder': '#667180',
    '--mantine-color-error': '#b3261e',
    '--rl-surface': '#ffffff',
    '--rl-raised': '#f0f3f6',
    '--rl-line': '#dde3e9',
    '--rl-good': '#0a6e4c',
    '--rl-warn': '#8a5300',
    '--rl-bad': '#b3261e',
    '--rl-run': '#0b5cad',
    '--rl-accent-soft': '#e8f1fb',
  },
  dark: {
    '--mantine-color-body': '#0e1318',
    '--mantine-color-text': '#e3e8ee',
    '--mantine-color-dimmed': '#9aa6b4',
    '--mantine-color-placeholder': '#8592a1',
    '--mantine-color-error': '#ff8a80',
    '--mantine-color-anchor': '#7ab7ee',
    '--rl-surface': '#161c23',
    '--rl-raised': '#1e262f',
    '--rl-line': '#2a343f',
    '--rl-good': '#4fd1a1',
    '--rl-warn': '#f0b45a',
    '--rl-bad': '#ff8a80',
    '--rl-run': '#7ab7ee',
    '--rl-accent-soft': '#14283c',
  },
});
