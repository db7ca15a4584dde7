const INSTANT =
  /^\s*(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?\s?(?:(Z)|([+-])(\d\d):?(\d\d)?)?\s*$/i;
const DURATION = /^\s*P(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?\s*$/;
const SECONDS = /^\s*\d{1,9}(?:\.\d{1,9})?\s*$/;
const LONGEST = 1e9;

/** Microseconds of an ISO 8601 time; its offset may lack the colon or the minutes. Undefined: not such a time. */
export function parseInstant(text: string): number | 'no offset' | undefined {
  const found = INSTANT.exec(text);
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second = '0', fraction = '', utc, sign, offsetHours, offsetMinutes = '0'] =
    found;
  const parts = [hour, minute, second].map(Number) as [number, number, number];
  const [hours, minutes, seconds] = parts;
  // Hour 24 is the end of the day (xs:dateTime); second 60 is a leap second, which this scale does not have.
  const dayEnd = hours === 24 && minutes === 0 && seconds === 0;
  if ((hours > 23 && !dayEnd) || minutes > 59 || seconds > 60) return undefined;
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (midnight.getUTCMonth() !== Number(month) - 1 || midnight.getUTCDate() !== Number(day)) return undefined;
  if (Number(year) < 100) return undefined;
  if (utc === undefined && sign === undefined) return 'no offset';
  const offset = sign === undefined ? 0 : Number(offsetHours) * 60 + Number(offsetMinutes);
  if (offset > 14 * 60 || Number(offsetMinutes) > 59) return undefined;
  const east = sign === '-' ? -offset : offset;
  const micros = Number(fraction.padEnd(6, '0').slice(0, 6));
  return (midnight.getTime() + ((hours * 60 + minutes - east) * 60 + seconds) * 1_000) * 1_000 + micros;
}

/**
 * Seconds of an xs:duration of days and shorter parts, or of a bare number, which simulators write. A month has no
 * length in seconds, so years and months are no duration here.
 */
export function parseDuration(text: string): number | undefined {
  if (SECONDS.test(text)) return inBounds(Number(text));
  const found = DURATION.exec(text);
  if (!found || !/[DHMS]\s*$/.test(text)) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0));
  return inBounds(((days * 24 + hours) * 60 + minutes) * 60 + seconds);
}

const inBounds = (seconds: number) => (seconds <= LONGEST ? seconds : undefined);
