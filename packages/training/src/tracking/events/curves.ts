import { type Curve, SINGLE_VALUE_ITERATION } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import type { Core, Db } from '../core.ts';
import type { Sql } from '../query/entity.ts';
import { ApiError } from '../wire/errors.ts';
import { type Axis, allPoints, extremePoints } from './points.ts';
import { MOST_FRESH, rollUp, SHORT_SERIES } from './rollup.ts';
import { mergeEqual, sample } from './sampling.ts';

export type CurveKey = 'iter' | 'timestamp' | 'iso_time';

export interface CurveRow {
  owner: string;
  metric: string;
  variant: string;
  label: string | null;
  x: number[];
  y: (number | null)[];
}

interface CurveRequest {
  readonly owners: readonly string[];
  readonly condition: Sql;
  readonly samples: number;
  readonly key: CurveKey;
}

interface Series {
  id: number;
  owner: string;
  metric: string;
  variant: string;
  label: string | null;
  /** How often a point was written: at least as many as there are points. */
  points: number;
  /** Whether it is drawn from its roll-up; not one whose points were overwritten often and are few. */
  long: boolean;
  behind: boolean;
}

/** Points of one answer, and points that are read at a time. */
const MOST_POINTS = 4_000_000;
const AT_A_TIME = 200_000;

/**
 * The curves of some owners in the order of their names, each of at most `samples` points (see sampling.ts). A series that
 * has no more is given as it is; a long one is drawn from its roll-up.
 */
export async function readCurves(core: Core, { owners, condition, samples, key }: CurveRequest): Promise<CurveRow[]> {
  const series = await chooseSeries(core.db, { owners, condition, samples });
  const most = series.reduce((sum, { points }) => sum + Math.min(points, samples), 0);
  if (most > MOST_POINTS)
    throw new ApiError(
      'badValue',
      { points: most, limit: MOST_POINTS },
      'too many points: ask for fewer samples, metrics or tasks',
    );
  for (const { id, long, behind } of series) if (long && behind) await rollUp(core.db, id);
  const curves: CurveRow[] = [];
  for (const part of parts(series)) curves.push(...(await drawPart(core.db, part, { samples, key })));
  return curves;
}

async function chooseSeries(db: Db, { owners, condition, samples }: Omit<CurveRequest, 'key'>): Promise<Series[]> {
  const { rows } = await sql<Series>`
    select s.id, s.owner, s.metric, s.variant, s.x_axis_label as label, s.points,
      s.points > ${SHORT_SERIES} and (select count(*) from (select 1 from tracking.scalars p where p.series = s.id
        and p.value is not null and p.iter <> ${SINGLE_VALUE_ITERATION} limit ${samples + 1}) counted) > ${samples} as long,
      s.points > ${SHORT_SERIES} and s.dirty <> '{}' and (s.fresh > ${MOST_FRESH}
        or (select sum(upper(r)::numeric - lower(r)) from unnest(s.dirty) r) > 4 * ${MOST_FRESH}) as behind
    from tracking.series s where s.owner = any(${[...owners]}::text[]) and ${condition}
    order by s.metric, s.variant, s.id`.execute(db);
  return rows;
}

/** Series after series, so many together as may be in memory at a time. */
function* parts(series: readonly Series[]): Generator<Series[]> {
  let part: Series[] = [];
  let size = 0;
  for (const one of series) {
    part.push(one);
    size += Math.min(one.points, 2 * SHORT_SERIES);
    if (size < AT_A_TIME) continue;
    yield part;
    part = [];
    size = 0;
  }
  if (part.length > 0) yield part;
}

async function drawPart(
  db: Db,
  part: readonly Series[],
  { samples, key }: { samples: number; key: CurveKey },
): Promise<CurveRow[]> {
  const axis: Axis = key === 'iter' ? 'iter' : 'ts';
  const long = part.filter(({ long }) => long).map(({ id }) => id);
  const short = part.filter((one) => !one.long).map(({ id }) => id);
  const found = [
    ...(short.length > 0 ? await allPoints(db, short, axis) : []),
    ...(long.length > 0 ? await extremePoints(db, long, axis) : []),
  ];
  const bySeries = new Map(found.map((points) => [points.series, points]));
  return part.flatMap(({ id, owner, metric, variant, label }) => {
    const points = bySeries.get(id);
    if (!points) return [];
    // Of one iteration there is one point; of one millisecond there may be several.
    const line = axis === 'ts' && points.x.length <= samples ? mergeEqual(points) : sample(points, samples);
    return [{ owner, metric, variant, label, x: line.x, y: line.y }];
  });
}

/** A curve as it goes on the wire; numbers that JSON lacks are null. */
export function toCurve(row: CurveRow, name: string, key: CurveKey): Curve {
  return {
    name,
    x: key === 'iso_time' ? row.x.map((ms) => new Date(ms).toISOString()) : row.x,
    y: row.y,
    ...(row.label === null ? {} : { x_axis_label: row.label }),
  };
}
