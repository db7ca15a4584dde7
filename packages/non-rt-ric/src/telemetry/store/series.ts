import { createHash } from 'node:crypto';
import type { Point, SeriesIdentity } from '../model.ts';
import type { Transaction } from './index.ts';

/** Numbers of series in PostgreSQL, remembered up to a bound. */
export interface SeriesIds {
  /** Every series of the points gets its number, made in `transaction` when it is new. */
  resolve(points: readonly Point[], transaction: Transaction): Promise<ReadonlyMap<string, number>>;
  /** Numbers become known to later transactions only once theirs committed. */
  commit(ids: ReadonlyMap<string, number>): void;
}

const seriesDigest = ({ key }: SeriesIdentity) => createHash('md5').update(key).digest('hex');

export function createSeriesIds(most: number): SeriesIds {
  const known = new Map<string, number>();
  return {
    async resolve(points, transaction) {
      const ids = new Map<string, number>();
      const missing = new Map<string, SeriesIdentity>();
      let previous: SeriesIdentity | undefined;
      for (const { series } of points) {
        if (series === previous) continue;
        previous = series;
        if (ids.has(series.key)) continue;
        const id = known.get(series.key);
        if (id === undefined) missing.set(series.key, series);
        else ids.set(series.key, id);
      }
      if (missing.size > 0) await create([...missing.values()], ids, transaction);
      return ids;
    },
    commit(ids) {
      if (known.size + ids.size > most) known.clear();
      for (const [key, id] of ids) known.set(key, id);
    },
  };
}

/** Sorted by digest, so that two transactions that make the same series wait for, and never on, each other. */
async function create(
  series: readonly SeriesIdentity[],
  ids: Map<string, number>,
  transaction: Transaction,
): Promise<void> {
  const byDigest = new Map(series.map((one) => [seriesDigest(one), one]));
  const digests = [...byDigest.keys()].sort();
  const column = <T>(pick: (one: SeriesIdentity) => T) =>
    digests.flatMap((digest) => {
      const one = byDigest.get(digest);
      return one ? [pick(one)] : [];
    });
  await transaction.query(
    `insert into telemetry.series (digest, source, dn, counter, snssai, five_qi, plmn, unit)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[], $8::text[])
     on conflict (digest) do nothing`,
    [
      digests,
      column((one) => one.source),
      column((one) => one.dn),
      column((one) => one.counter),
      column((one) => one.snssai),
      column((one) => one.fiveQi),
      column((one) => one.plmn),
      column((one) => one.unit),
    ],
  );
  const { rows } = await transaction.query<{ id: number; digest: string }>(
    `select id, replace(digest::text, '-', '') as digest from telemetry.series where digest = any($1::uuid[])`,
    [digests],
  );
  for (const { id, digest } of rows) {
    const one = byDigest.get(digest);
    if (one) ids.set(one.key, id);
  }
}
