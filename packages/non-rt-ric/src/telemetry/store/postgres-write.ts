import type { Point } from '../model.ts';
import type { Transaction } from './index.ts';
import { weekOf, weekTable } from './partitions.ts';
import { HOUR, WRITERS_LOCK } from './rollups.ts';

/** Writes points straight into the tables of their weeks, which spares PostgreSQL the routing of each row. */
export async function writePoints(
  points: readonly Point[],
  ids: ReadonlyMap<string, number>,
  transaction: Transaction,
): Promise<void> {
  const weeks = new Map<number, Columns>();
  for (const point of points) {
    const week = weekOf(point.time);
    const columns = weeks.get(week) ?? new Columns();
    if (columns.isEmpty) weeks.set(week, columns);
    columns.add(ids.get(point.series.key) ?? 0, point);
  }
  for (const [week, columns] of [...weeks].sort(([a], [b]) => a - b)) {
    await transaction.query(
      `with guard as materialized (select pg_advisory_xact_lock_shared(${WRITERS_LOCK}))
       insert into ${weekTable(week)} (time, value, series_id, granularity, flags)
       select p.* from guard,
         unnest($1::bigint[], $2::double precision[], $3::integer[], $4::real[], $5::smallint[]) as p
       on conflict (series_id, time) do update
       set value = excluded.value, granularity = excluded.granularity, flags = excluded.flags`,
      columns.literals(),
    );
  }
}

/**
 * The spans of the sources grow with what was written, and the hours that were written to are summarised no more. After
 * the points, so that the lock is held before the marks are looked at. Sorted, so that transactions do not lock each
 * other out.
 */
export async function widenSpans(points: readonly Point[], transaction: Transaction): Promise<void> {
  const spans = new Map<string, { first: number; last: number }>();
  const hours = new Set<number>();
  for (const { series, time } of points) {
    hours.add(Math.floor(time / HOUR));
    const span = spans.get(series.source);
    if (!span) spans.set(series.source, { first: time, last: time });
    else if (time < span.first) span.first = time;
    else if (time > span.last) span.last = time;
  }
  const sources = [...spans.keys()].sort();
  await transaction.query(
    `with gone as (delete from telemetry.rolled where hour = any($4::bigint[]))
     insert into telemetry.spans as s (source, first, last) select * from unnest($1::text[], $2::bigint[], $3::bigint[])
     on conflict (source) do update set first = least(s.first, excluded.first), last = greatest(s.last, excluded.last)
     where excluded.first < s.first or excluded.last > s.last`,
    [
      sources,
      sources.map((source) => spans.get(source)?.first),
      sources.map((source) => spans.get(source)?.last),
      [...hours],
    ],
  );
}

/** Columns of one statement. One statement may not touch a row twice, so the later of two equal points takes the place. */
class Columns {
  readonly #times: number[] = [];
  readonly #values: number[] = [];
  readonly #series: number[] = [];
  readonly #granularities: number[] = [];
  readonly #flags: number[] = [];
  /** Newest time of each series; only a point that is not newer can be a repetition. */
  readonly #newest = new Map<number, number>();
  #places: Map<string, number> | undefined;

  get isEmpty(): boolean {
    return this.#times.length === 0;
  }

  add(series: number, { time, value, granularity, flags }: Point): void {
    const newest = this.#newest.get(series);
    const place = newest !== undefined && time <= newest ? this.#placeOf(series, time) : undefined;
    const at = place ?? this.#times.length;
    this.#times[at] = time;
    this.#values[at] = value;
    this.#series[at] = series;
    this.#granularities[at] = granularity;
    this.#flags[at] = flags;
    this.#places?.set(`${series} ${time}`, at);
    if (newest === undefined || time > newest) this.#newest.set(series, time);
  }

  #placeOf(series: number, time: number): number | undefined {
    this.#places ??= new Map(this.#times.map((known, index) => [`${this.#series[index]} ${known}`, index]));
    return this.#places.get(`${series} ${time}`);
  }

  /** Array literals of PostgreSQL; numbers need no quotes. */
  literals(): readonly string[] {
    return [this.#times, this.#values, this.#series, this.#granularities, this.#flags].map(
      (column: readonly unknown[]) => `{${column.join(',')}}`,
    );
  }
}
