import { parseDate } from '../query/index.ts';
import { ApiError } from '../wire/errors.ts';

const DAY = 86_400;
const MOST_DAYS = 3_660;

/** Whole days from one date to another, both included, in the zone of the first. */
export interface Period {
  readonly start: Date;
  readonly end: Date;
  /** Seconds that the zone is ahead of UTC. */
  readonly offset: number;
  /** Days since the epoch, in that zone. */
  readonly first: number;
  readonly last: number;
}

export function parsePeriod(from: string, to: string): Period {
  const begin = moment('from_date', from);
  const finish = moment('to_date', to);
  if (begin > finish) throw new ApiError('validation', { from_date: from, to_date: to }, 'from_date is after to_date');
  const offset = zoneOf(from);
  const dayOf = (date: Date) => Math.floor((date.getTime() / 1_000 + offset) / DAY);
  const first = dayOf(begin);
  const last = dayOf(finish);
  if (last - first >= MOST_DAYS) throw new ApiError('badValue', { from_date: from }, `more than ${MOST_DAYS} days`);
  const at = (day: number) => new Date((day * DAY - offset) * 1_000);
  return { start: at(first), end: at(last + 1), offset, first, last };
}

function moment(field: string, text: string): Date {
  const date = parseDate(text);
  if (!date) throw new ApiError('validation', { [field]: text }, 'not an ISO 8601 date');
  return date;
}

function zoneOf(text: string): number {
  const [, sign, hours, minutes] = /T.*([-+])(\d{2}):?(\d{2})$/i.exec(text.trim()) ?? [];
  if (!sign) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60);
}
