import Type, { type Static } from 'typebox';
import { closed, HashMap, oneOf, strings } from './shapes.ts';

/** Exactly one form of value; `p` counts from 1 into the list of types. */
const p = Type.Integer();
const MeasResult = Type.Union([
  closed({ p, sValue: Type.String() }),
  closed({ p, iValue: Type.Integer() }),
  closed({ p, rValue: Type.Number() }),
  closed({ p, isNull: oneOf('true', 'false') }),
]);

const MeasValues = closed({
  measObjInstId: Type.String(),
  measResults: Type.Array(MeasResult),
  suspectFlag: Type.Optional(oneOf('true', 'false')),
  measObjAddlFlds: Type.Optional(HashMap),
});

const MeasInfo = closed({
  measInfoId: Type.Optional(
    Type.Union([closed({ sMeasInfoId: Type.String() }), closed({ iMeasInfoId: Type.Integer() })]),
  ),
  measTypes: Type.Union([
    closed({ sMeasTypesList: Type.Array(Type.String()) }),
    closed({ iMeasTypesList: Type.Array(Type.Integer()) }),
  ]),
  measValuesList: Type.Array(MeasValues),
  ...strings('jobId'),
});

/** The content of a 3GPP PM report (TS 28.532) as an event; `granularityPeriod` is in seconds. */
export const MeasDataCollection = closed({
  granularityPeriod: Type.Number(),
  measInfoList: Type.Array(MeasInfo),
  measuredEntityDn: Type.String(),
  measObjInstIdList: Type.Optional(Type.Array(Type.String())),
  ...strings('formatVersion', 'measuredEntitySoftwareVersion', 'measuredEntityUserName'),
});
export type MeasDataCollection = Static<typeof MeasDataCollection>;

export const Perf3gppFields = closed({
  perf3gppFieldsVersion: oneOf('1.0', '1.0.1'),
  measDataCollection: MeasDataCollection,
  eventAddlFields: Type.Optional(HashMap),
});
export type Perf3gppFields = Static<typeof Perf3gppFields>;
