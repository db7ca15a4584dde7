const number = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat('en', options);

const compact = number({ notation: 'compact', maximumFractionDigits: 1 });
const upTo = [0, 1, 2, 3].map((digits) => number({ maximumFractionDigits: digits, minimumFractionDigits: digits }));
const significant = number({ maximumSignificantDigits: 5 });
const scientific = number({ notation: 'scientific', maximumSignificantDigits: 3 });

export const formatCompact = (value: number): string => compact.format(value);

export const formatFixed = (value: number, digits: 0 | 1 | 2 | 3 = 0): string =>
  Number.isFinite(value) ? (upTo[digits]?.format(value) ?? '') : '–';

/** A measured value of unknown size. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '–' : `${value}`;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return scientific.format(value);
  return significant.format(value);
}

export const formatPercent = (share: number, digits: 0 | 1 | 2 = 0): string => `${formatFixed(share * 100, digits)} %`;

/** 3725 -> `1 h 02 min`; under a minute with a decimal. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 60) return `${formatFixed(seconds, seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${two(Math.floor(seconds % 60))} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${two(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined || !Number.isFinite(bytes)) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${formatFixed(value, unit === 0 || value >= 100 ? 0 : 1)} ${units[unit]}`;
}

const two = (value: number) => `${value}`.padStart(2, '0');

/** `2026-11-24 09:05:03` in the zone of the reader. */
export function formatTime(time: string | number | undefined): string {
  if (time === undefined || time === '') return '–';
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '–';
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${formatClock(date)}`;
}

const formatClock = (date: Date) => `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;

export const formatMicros = (micros: number | undefined): string =>
  micros === undefined || micros <= 0 ? '–' : formatTime(micros / 1000);

/** `3 min ago`; the title of the element should say the exact time. */
export function formatAge(time: string | undefined, now: number): string {
  if (!time) return '–';
  const seconds = (now - new Date(time).getTime()) / 1000;
  if (Number.isNaN(seconds)) return '–';
  if (seconds < 10) return 'now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}
