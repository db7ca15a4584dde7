import type { MeasDataCollection, Perf3gppFields } from '@ranloop/contracts/ves';
import { badField } from '../refusal.ts';
import { type Collector, textValue } from './collect.ts';
import { reportedDn } from './dn.ts';

type MeasInfo = MeasDataCollection['measInfoList'][number];
type MeasResult = MeasInfo['measValuesList'][number]['measResults'][number];

/** A PM report as an event (TS 28.532): values refer to their types by position, in any order. */
export function collectPerf3gpp({ measDataCollection }: Perf3gppFields, into: Collector): void {
  const { measuredEntityDn, measInfoList } = measDataCollection;
  for (const [group, info] of measInfoList.entries()) {
    const types = namesOf(info.measTypes);
    for (const [place, values] of info.measValuesList.entries()) {
      const dn = () => reportedDn(measuredEntityDn, values.measObjInstId);
      const scope = `\u0001\u0001${measuredEntityDn}\u0001${values.measObjInstId}`;
      const suspect = values.suspectFlag === 'true';
      const at = `perf3gppFields/measDataCollection/measInfoList/${group}/measValuesList/${place}`;
      if (values.measObjAddlFlds && Object.keys(values.measObjAddlFlds).length > 0) into.leave();
      for (const [index, result] of values.measResults.entries()) {
        const field = () => `${at}/measResults/${index}`;
        const counter = types[result.p - 1];
        if (counter === undefined) throw badField(`${field()}/p`, `must be 1 to ${types.length}, a place in measTypes`);
        const value = valueIn(result);
        if (value === 'none') continue;
        if (value === undefined) into.leave();
        else into.add({ scope, dn, counter, value, suspect, field });
      }
    }
  }
}

function namesOf(types: MeasInfo['measTypes']): readonly string[] {
  return 'sMeasTypesList' in types ? types.sMeasTypesList : types.iMeasTypesList.map(String);
}

/** 'none' for a value that was not measured, undefined for text that is no number. */
function valueIn(result: MeasResult): number | 'none' | undefined {
  if ('iValue' in result) return result.iValue;
  if ('rValue' in result) return result.rValue;
  if ('isNull' in result) return 'none';
  return textValue(result.sValue);
}
