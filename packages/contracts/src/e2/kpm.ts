import Type, { type Static } from 'typebox';
import { NrCgi, octets, SNssai, strict } from './octets.ts';

/** O-RAN.WG3.E2SM-KPM v3, report style 1 (measurements of the E2 node). */

const Millis = Type.Integer({ minimum: 1, maximum: 4_294_967_295 });

export const KpmEventTrigger = Type.Object(
  {
    'eventDefinition-formats': Type.Object(
      { 'eventDefinition-Format1': Type.Object({ reportingPeriod: Millis }, strict) },
      strict,
    ),
  },
  strict,
);
export type KpmEventTrigger = Static<typeof KpmEventTrigger>;

/** The subcounter: all of the cell, or one slice of it. */
const Label = Type.Object(
  {
    measLabel: Type.Union([
      Type.Object({ noLabel: Type.Literal('true') }, strict),
      Type.Object({ sliceID: SNssai }, strict),
    ]),
  },
  strict,
);

export const KpmMeasInfo = Type.Object(
  {
    measType: Type.Object({ measName: Type.String({ minLength: 1, maxLength: 150 }) }, strict),
    labelInfoList: Type.Array(Label, { minItems: 1, maxItems: 2_147 }),
  },
  strict,
);
export type KpmMeasInfo = Static<typeof KpmMeasInfo>;

const MeasInfoList = Type.Array(KpmMeasInfo, { minItems: 1, maxItems: 1_000 });

export const KpmActionDefinition = Type.Object(
  {
    'ric-Style-Type': Type.Literal(1),
    'actionDefinition-formats': Type.Object(
      {
        'actionDefinition-Format1': Type.Object(
          {
            measInfoList: MeasInfoList,
            granulPeriod: Millis,
            cellGlobalID: Type.Optional(Type.Object({ 'nR-CGI': NrCgi }, strict)),
          },
          strict,
        ),
      },
      strict,
    ),
  },
  strict,
);
export type KpmActionDefinition = Static<typeof KpmActionDefinition>;

export const KpmIndicationHeader = Type.Object(
  {
    'indicationHeader-formats': Type.Object(
      {
        'indicationHeader-Format1': Type.Object(
          {
            /** (sic) Start of the period: 8 octets as in NTP, seconds since 1900 and their fraction; v2 had 4 octets. */
            colletStartTime: octets({ min: 8, max: 8 }),
            senderName: Type.Optional(Type.String({ maxLength: 400 })),
          },
          strict,
        ),
      },
      strict,
    ),
  },
  strict,
);
export type KpmIndicationHeader = Static<typeof KpmIndicationHeader>;

export const KpmRecordItem = Type.Union([
  Type.Object({ integer: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }) }, strict),
  Type.Object({ real: Type.Number() }, strict),
  Type.Object({ noValue: Type.Null() }, strict),
]);
export type KpmRecordItem = Static<typeof KpmRecordItem>;

/** The items of a record stand in the order of `measInfoList`, and within a measurement in that of its labels. */
export const KpmIndicationMessage = Type.Object(
  {
    'indicationMessage-formats': Type.Object(
      {
        'indicationMessage-Format1': Type.Object(
          {
            measData: Type.Array(
              Type.Object({ measRecord: Type.Array(KpmRecordItem, { minItems: 1, maxItems: 10_000 }) }, strict),
              { minItems: 1, maxItems: 1_000 },
            ),
            measInfoList: MeasInfoList,
            granulPeriod: Millis,
          },
          strict,
        ),
      },
      strict,
    ),
  },
  strict,
);
export type KpmIndicationMessage = Static<typeof KpmIndicationMessage>;
