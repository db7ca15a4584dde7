import { VALUE_FLAGS } from '@ranloop/contracts/pm';
import type { Point, SeriesIdentity } from '../model.ts';

/**
 * Text that InfluxDB takes as a measurement or a tag and gives back unchanged. Line protocol has no escape for a newline
 * and none for a backslash before a separator, so those are percent-encoded; so is the percent sign itself.
 */
export function encodeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is encoded here
  return text.replace(/[\u0000-\u001f\u007f%\\]/g, (special) => {
    const hex = special.charCodeAt(0).toString(16).toUpperCase();
    return `%${hex.padStart(2, '0')}`;
  });
}

export function decodeText(text: string): string {
  return text.replace(/%([0-9A-F]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const escapeTag = (text: string) => encodeText(text).replace(/[ ,=]/g, (special) => `\\${special}`);
const escapeMeasurement = (text: string) => encodeText(text).replace(/[ ,]/g, (special) => `\\${special}`);

/** The counter is the measurement; the tags say what was measured, and never when or how much. Sorted by name. */
function seriesKey({ counter, source, dn, snssai, fiveQi, plmn }: SeriesIdentity): string {
  const tags = [`dn=${escapeTag(dn)}`];
  if (fiveQi >= 0) tags.push(`fiveQi=${fiveQi}`);
  if (plmn !== '') tags.push(`plmn=${escapeTag(plmn)}`);
  if (snssai !== '') tags.push(`snssai=${escapeTag(snssai)}`);
  tags.push(`source=${escapeTag(source)}`);
  return `${escapeMeasurement(counter)},${tags.join(',')}`;
}

/**
 * One line; the types of the fields never change: value and granularity are floats, suspect is a boolean, flags an
 * integer. Flags are written for suspect values only and mean nothing elsewhere: where a value takes the place of a
 * suspect one, InfluxDB keeps the field that it does not bring.
 */
export function line({ series, value, granularity, flags, time }: Point): string {
  const doubt = flags === 0 ? 'suspect=false' : `suspect=true,flags=${flags}i`;
  return `${seriesKey(series)} value=${value},granularity=${granularity},${doubt} ${time}`;
}

/** The flags of a stored value, as bits; a release before flags noted only that there were some. */
export function flagBits(suspect: unknown, flags: unknown): number {
  if (suspect !== true) return 0;
  return Number(flags ?? VALUE_FLAGS.unrecorded);
}

/** A series key as `SHOW SERIES` prints it, taken apart. */
export function parseSeriesKey(key: string): { counter: string; tags: Readonly<Record<string, string>> } {
  const [measurement = '', ...tags] = splitUnescaped(key, ',');
  return {
    counter: plain(measurement),
    tags: Object.fromEntries(
      tags.map((tag) => {
        const [name = '', value = ''] = splitUnescaped(tag, '=');
        return [name, plain(value)];
      }),
    ),
  };
}

const plain = (text: string) => decodeText(text.replace(/\\([ ,=])/g, '$1'));

function splitUnescaped(text: string, separator: ',' | '='): string[] {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') {
      part += character + text.charAt(at + 1);
      at += 1;
    } else if (character === separator) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  return [...parts, part];
}
