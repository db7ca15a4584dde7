import type { ObjectValues } from './document/index.ts';

/** What a PM file says that is no sample, such as the list of a distribution: kept as a perf3gpp report of just that. */
export interface Remainder {
  add(values: ObjectValues, counter: string, text: string): void;
  /** JSON, or undefined when there is nothing. */
  body(): string | undefined;
}

interface Info {
  readonly measInfoId: { readonly sMeasInfoId: string };
  readonly jobId: string;
  readonly measTypes: { readonly sMeasTypesList: string[] };
  readonly measValuesList: {
    readonly measObjInstId: string;
    readonly suspectFlag: string;
    readonly measResults: { readonly p: number; readonly sValue: string }[];
  }[];
}

export function createRemainder(file: string, { entity, time, granularity }: ObjectValues): Remainder {
  const measInfoList: Info[] = [];
  let places = new Map<string, number>();
  let previous: ObjectValues | undefined;

  function infoFor({ infoId, jobId }: ObjectValues): Info {
    const last = measInfoList.at(-1);
    if (last && last.measInfoId.sMeasInfoId === infoId && last.jobId === jobId) return last;
    const made = { measInfoId: { sMeasInfoId: infoId }, jobId, measTypes: { sMeasTypesList: [] }, measValuesList: [] };
    measInfoList.push(made);
    places = new Map();
    previous = undefined;
    return made;
  }

  return {
    add(values, counter, text) {
      const { measTypes, measValuesList } = infoFor(values);
      const p = places.get(counter) ?? measTypes.sMeasTypesList.push(counter);
      places.set(counter, p);
      if (values !== previous)
        measValuesList.push({ measObjInstId: values.object, suspectFlag: String(values.suspect), measResults: [] });
      previous = values;
      measValuesList.at(-1)?.measResults.push({ p, sValue: text });
    },
    body() {
      if (measInfoList.length === 0) return undefined;
      const measDataCollection = { granularityPeriod: granularity, measuredEntityDn: entity, measInfoList };
      return JSON.stringify({ file, time, perf3gppFields: { perf3gppFieldsVersion: '1.0', measDataCollection } });
    },
  };
}
