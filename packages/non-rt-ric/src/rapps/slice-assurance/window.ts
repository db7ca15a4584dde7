import { RanloopError } from '@ranloop/contracts/errors';
import type { Series } from '@ranloop/contracts/r1';
import {
  cellOf,
  createSeriesTable,
  PRB_USED,
  type SeriesTable,
  SLA_VIOLATION,
  SLICE_DEMAND_COUNTERS,
  SLICE_DEMAND_HISTORY_SECONDS,
} from '@ranloop/sdk/features';
import type { TelemetryClient } from '@ranloop/sdk/r1';

export interface WindowOptions {
  readonly periodMicros: number;
  readonly twinPrefix: string;
  readonly signal: AbortSignal;
}

/** The telemetry that the controller works on, kept in memory between periods; only what is new is queried. */
export interface TelemetryWindow {
  readonly live: SeriesTable;
  readonly twin: SeriesTable;
  /** Finds the sources, reads the history, and tells the end of the newest period. */
  open(): Promise<number>;
  /** Reads what was reported up to `to`, and once more the last periods, for samples that came late. */
  advance(to: number): Promise<void>;
  /** Whether every cell that reported lately has reported the period that ends at `time`. */
  isComplete(time: number): boolean;
  /** End of the newest period that a cell reported for all its slices; -Infinity when there is none. */
  newest(cell: number): number;
  /** Cells whose report for `time` came, but marked as suspect. */
  flagged(time: number): Promise<ReadonlySet<number>>;
  /** Index of the twin of a cell in `twin`; -1 when there is none. */
  twinOf(cell: number): number;
  /** kbit/s that one PRB carried in the newest period; NaN when not known. */
  rateOfPrb(cell: number, snssai: number): number;
}

const COUNTERS = [...SLICE_DEMAND_COUNTERS, SLA_VIOLATION];
/** A page of the history holds about this many points, well under what one query may return. */
const PAGE_POINTS = 150_000;
const LATE_PERIODS = 3;
/** Cells that are silent for longer are not waited for. */
const ACTIVE_PERIODS = 5;
/** New gNBs, and a twin that came later, are found within so many readings. */
const LOOK_EVERY = 60;
const TWIN_HISTORY_PERIODS = 60;
/** Forgetting is done a good deal at a time. */
const SLACK_SECONDS = 86_400;

export function createTelemetryWindow(client: TelemetryClient, options: WindowOptions): TelemetryWindow {
  const { periodMicros, twinPrefix, signal } = options;
  const live = createSeriesTable({ periodMicros });
  const twin = createSeriesTable({ periodMicros, accept: ({ source }) => source.startsWith(twinPrefix) });
  const twinIndexes = new Map<number, number>();
  const units = new Map<string, number>();
  let sources: string[] = [];
  let twins: string[] = [];
  let advances = 0;
  let reached = Number.NEGATIVE_INFINITY;
  let twinReached = Number.NEGATIVE_INFINITY;

  async function look(): Promise<{ series: number; newest: number }> {
    const all = await client.sources();
    twins = all.map(({ source }) => source).filter((source) => source.startsWith(twinPrefix));
    const alive = all.filter(({ source }) => !source.startsWith('twin-'));
    sources = alive.map(({ source }) => source);
    return {
      series: alive.reduce((sum, { series }) => sum + series, 0),
      newest: Math.max(...alive.map(({ last }) => last)),
    };
  }
  const query = (counters: readonly string[], from: number, span: { to: number; sources: string[] }) =>
    span.sources.length === 0
      ? Promise.resolve<Series[]>([])
      : client.query(
          { counters: [...counters], sources: span.sources, from: Math.max(0, from), to: span.to },
          { signal },
        );

  function take(list: readonly Series[]): void {
    for (const { counter, unit } of list) units.set(counter, /^m/i.test(unit) ? 1_000 : 1);
    live.add(list.filter(({ snssai }) => snssai !== undefined));
  }

  /** The twin's samples of a period may be stored a moment after ours. */
  async function readTwin(to: number): Promise<void> {
    const from = Math.max(twinReached - LATE_PERIODS * periodMicros, to - TWIN_HISTORY_PERIODS * periodMicros);
    twin.add(await query([SLA_VIOLATION], from, { to: to + 1, sources: twins }));
    twinReached = to;
  }

  const slicesOf = (cell: number) =>
    live.snssais.map((_name, snssai) => snssai).filter((snssai) => live.column(cell, snssai, PRB_USED));
  const knows = (cell: number, index: number, counter: string) =>
    slicesOf(cell).every((snssai) => !Number.isNaN(live.column(cell, snssai, counter)?.[index] ?? Number.NaN));

  const newest = (cell: number): number => {
    if (slicesOf(cell).length === 0) return Number.NEGATIVE_INFINITY;
    for (let index = live.length - 1; index >= 0; index--) if (knows(cell, index, PRB_USED)) return live.timeOf(index);
    return Number.NEGATIVE_INFINITY;
  };

  return {
    live,
    twin,
    newest,
    async open() {
      const { series, newest: to } = await look();
      if (!(to > 0)) throw new RanloopError('RL_NOT_FOUND', 'no telemetry has come in yet');
      const oldest = to - SLICE_DEMAND_HISTORY_SECONDS * 1e6;
      const page = Math.max(10, Math.floor(PAGE_POINTS / Math.max(1, series))) * periodMicros;
      for (let from = Math.max(0, oldest); from <= to && !signal.aborted; from += page)
        take(await query(COUNTERS, from, { to: Math.min(from + page, to + 1), sources }));
      reached = to;
      await readTwin(to);
      return to;
    },
    async advance(to) {
      if (advances++ % LOOK_EVERY === 0) await look();
      const from = Math.min(reached, to) - LATE_PERIODS * periodMicros;
      const [ours] = await Promise.all([query(COUNTERS, from, { to: to + 1, sources }), readTwin(to)]);
      take(ours);
      live.extendTo(to);
      reached = Math.max(reached, to);
      const oldest = to - SLICE_DEMAND_HISTORY_SECONDS * 1e6;
      if (live.start < oldest - SLACK_SECONDS * 1e6) live.trim(oldest);
      if (twin.start < oldest - SLACK_SECONDS * 1e6) twin.trim(oldest);
    },
    isComplete(time) {
      const index = live.indexOf(time);
      let active = 0;
      for (let cell = 0; cell < live.cells.length; cell++) {
        const last = live.indexOf(newest(cell));
        if (!(last >= index - ACTIVE_PERIODS)) continue;
        active++;
        // Counters of a cell come from DU and CU, in events of their own.
        for (const counter of SLICE_DEMAND_COUNTERS)
          if (knows(cell, index - 1, counter) && !knows(cell, index, counter)) return false;
        if (!knows(cell, index, PRB_USED)) return false;
      }
      return active > 0;
    },
    async flagged(time) {
      const index = live.indexOf(time);
      const missing = live.cells.map((_dn, cell) => cell).filter((cell) => !knows(cell, index, PRB_USED));
      if (missing.length === 0 || sources.length === 0) return new Set();
      const half = periodMicros / 2;
      const marked = await client.query(
        { counters: [PRB_USED], sources, from: Math.max(0, time - half), to: time + half, includeSuspect: true },
        { signal },
      );
      const seen = new Set(marked.filter(({ snssai }) => snssai !== undefined).map(({ dn }) => live.cellIndex(dn)));
      return new Set(missing.filter((cell) => seen.has(cell)));
    },
    twinOf(cell) {
      const known = twinIndexes.get(cell);
      if (known !== undefined) return known;
      const name = cellOf(live.cells[cell] ?? '');
      const at = twin.cells.findIndex((dn) => {
        const other = cellOf(dn);
        if (!name || other?.cell !== name.cell) return false;
        return [name.managedElement, twinPrefix + name.managedElement].includes(other.managedElement);
      });
      if (at >= 0) twinIndexes.set(cell, at);
      return at;
    },
    rateOfPrb(cell, snssai) {
      const index = live.indexOf(newest(cell));
      const read = (counter: string) => live.column(cell, snssai, counter)?.[index] ?? Number.NaN;
      const volume = 'DRB.PdcpSduVolumeDL';
      const kbit = read(volume) * (units.get(volume) ?? 1);
      return kbit / (periodMicros / 1e6) / read(PRB_USED);
    },
  };
}
