import type {
  Decision,
  RAppInfo,
  Sample,
  Series,
  SourceSummary,
  TelemetryQuery,
  TelemetryResult,
} from '@ranloop/contracts/r1';
import { requestJson } from './http.ts';

export type { Decision, RAppInfo, Sample, Series, SourceSummary, TelemetryQuery };

const TELEMETRY = '/r1/telemetry/v1';
const RAPPS = '/r1/rapps/v1';

export const getSources = async (signal?: AbortSignal) =>
  (await requestJson<{ sources: SourceSummary[] }>(`${TELEMETRY}/sources`, { signal })).sources;

/** The newest sample of each series of these counters. */
export async function getLast(counters: readonly string[], signal?: AbortSignal): Promise<Sample[]> {
  const query = new URLSearchParams(counters.map((counter) => ['counter', counter]));
  return (await requestJson<{ samples: Sample[] }>(`${TELEMETRY}/last?${query}`, { signal })).samples;
}

/** Samples as they are stored; events are named `samples`. */
export const telemetryStream = (counters: readonly string[]): string =>
  `${TELEMETRY}/stream?${new URLSearchParams(counters.map((counter) => ['counter', counter]))}`;

export async function queryTelemetry(query: TelemetryQuery, signal?: AbortSignal): Promise<Series[]> {
  const { series } = await requestJson<TelemetryResult>(`${TELEMETRY}/query`, { method: 'POST', body: query, signal });
  return series;
}

export const listRApps = async (signal?: AbortSignal) =>
  (await requestJson<{ rapps: RAppInfo[] }>(`${RAPPS}/rapps`, { signal })).rapps;

export interface DecisionFilter {
  cell?: string;
  snssai?: string;
  rule?: string;
  limit: number;
}

/** Newest first. */
export async function listDecisions(rapp: string, filter: DecisionFilter, signal?: AbortSignal): Promise<Decision[]> {
  const query = new URLSearchParams(Object.entries(filter).map(([name, value]) => [name, `${value}`]));
  const path = `${RAPPS}/rapps/${encodeURIComponent(rapp)}/decisions?${query}`;
  return (await requestJson<{ decisions: Decision[] }>(path, { signal })).decisions;
}

/** The cell that a DN is about, `gnb-1/3`: O-DU and O-CU name one cell by objects of two classes, and a twin is its cell. */
export function cellKey(dn: string): string | undefined {
  const part = (name: string) =>
    dn
      .split(',')
      .find((one) => one.startsWith(`${name}=`))
      ?.slice(name.length + 1);
  const cell = part('NRCellDU') ?? part('NRCellCU');
  const element = part('ManagedElement') ?? '';
  return cell === undefined ? undefined : `${isTwin(element) ? element.slice(TWIN.length) : element}/${cell}`;
}

/** What a cell is called on a page. */
export function cellName(dn: string): string {
  const key = cellKey(dn);
  return key === undefined ? dn : `Cell ${key.slice(key.indexOf('/') + 1)}`;
}

/** SST of an S-NSSAI such as `01000001`, and what the standard values stand for (TS 23.501 table 5.15.2.2-1). */
export function sliceName(snssai: string | undefined): string {
  if (!snssai) return 'all';
  const names: Record<string, string> = { '01': 'eMBB', '02': 'URLLC', '03': 'mIoT' };
  return names[snssai.slice(0, 2)] ?? snssai;
}

/** The twin of `gnb-1` that gets the same traffic under static ratios reports as `twin-static-gnb-1`, in its DNs too. */
export const TWIN = 'twin-static-';

export const isTwin = (source: string): boolean => source.startsWith(TWIN);
