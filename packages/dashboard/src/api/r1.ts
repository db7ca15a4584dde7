import type {
  Decision,
  ObjectSummary,
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

export const getObjects = async (source: string, signal?: AbortSignal) =>
  (
    await requestJson<{ objects: ObjectSummary[] }>(`${TELEMETRY}/objects?source=${encodeURIComponent(source)}`, {
      signal,
    })
  ).objects;

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

/** What a cell is called on a page: the last part of its DN, with the network element when there are several. */
export const cellName = (dn: string): string => {
  const part = (name: string) => new RegExp(`(?:^|,)${name}=([^,]+)`).exec(dn)?.[1];
  const cell = part('NRCellDU') ?? part('NRCellCU');
  return cell === undefined ? dn : `Cell ${cell}`;
};

/** SST of an S-NSSAI such as `01000001`, and what the standard values stand for (TS 23.501 table 5.15.2.2-1). */
export function sliceName(snssai: string | undefined): string {
  if (!snssai) return 'all';
  const names: Record<string, string> = { '01': 'eMBB', '02': 'URLLC', '03': 'mIoT' };
  return names[snssai.slice(0, 2)] ?? snssai;
}

export const isTwin = (source: string): boolean => source.startsWith('twin-');
