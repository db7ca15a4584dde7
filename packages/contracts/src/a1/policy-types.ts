import Type, { type Static } from 'typebox';

/** The standard type (O-RAN.WG2.A1TD): a slice's objectives, without a cell in its scope. */
export const ORAN_SLICE_SLA_TARGET = 'ORAN_SliceSLATarget_2.1.0';

/** Ours: the standard type narrowed to one cell, with the PRB ratios that the objective implies. */
export const RANLOOP_SLICE_SLA_TARGET = 'Ranloop_SliceSLATarget_1.0.0';

/** EI type of the demand forecasts that the slice-assurance rApp hands over with its policies. */
export const EI_DEMAND_FORECAST = 'Ranloop_DemandForecast_1.0.0';

const strict = { additionalProperties: false } as const;

export const PlmnId = Type.Object(
  { mcc: Type.String({ pattern: '^[0-9]{3}$' }), mnc: Type.String({ pattern: '^[0-9]{2,3}$' }) },
  strict,
);

export const SliceId = Type.Object(
  {
    sst: Type.Integer({ minimum: 0, maximum: 255 }),
    sd: Type.Optional(Type.String({ pattern: '^[A-Fa-f0-9]{6}$' })),
    plmnId: PlmnId,
  },
  strict,
);
export type SliceId = Static<typeof SliceId>;

export const CellId = Type.Object(
  { plmnId: PlmnId, cId: Type.Object({ ncI: Type.Integer({ minimum: 0, maximum: 68_719_476_735 }) }, strict) },
  strict,
);
export type CellId = Static<typeof CellId>;

const throughput = (description: string) => Type.Optional(Type.Number({ minimum: 0, description }));

/** Throughputs in kbit/s. */
const SliceSlaObjectives = Type.Object(
  {
    maxNumberOfUes: Type.Optional(Type.Integer({ minimum: 0 })),
    maxNumberOfPduSessions: Type.Optional(Type.Integer({ minimum: 0 })),
    guaDlThptPerSlice: throughput('guaranteed downlink rate of the slice'),
    maxDlThptPerSlice: throughput('downlink ceiling of the slice'),
    maxDlThptPerUe: throughput('downlink ceiling of one UE'),
    guaUlThptPerSlice: throughput('guaranteed uplink rate of the slice'),
    maxUlThptPerSlice: throughput('uplink ceiling of the slice'),
    maxUlThptPerUe: throughput('uplink ceiling of one UE'),
  },
  { ...strict, minProperties: 1 },
);

export const OranSliceSlaTarget = Type.Object(
  {
    scope: Type.Object({ sliceId: SliceId }, strict),
    sliceSlaObjectives: SliceSlaObjectives,
    sliceSlaResources: Type.Optional(Type.Object({ cellIdList: Type.Optional(Type.Array(CellId)) }, strict)),
  },
  strict,
);
export type OranSliceSlaTarget = Static<typeof OranSliceSlaTarget>;

const percent = Type.Number({ minimum: 0, maximum: 100 });

export const RanloopSliceSlaTarget = Type.Object(
  {
    scope: Type.Object({ sliceId: SliceId, cellId: CellId }, strict),
    sliceSlaObjectives: SliceSlaObjectives,
    /** Percent of the cell's PRBs, as the RRM policy ratios of E2SM-RC style 2 action 6: dedicated <= min <= max. */
    sliceSlaResources: Type.Object({ minPrbRatio: percent, maxPrbRatio: percent, dedicatedPrbRatio: percent }, strict),
  },
  strict,
);
export type RanloopSliceSlaTarget = Static<typeof RanloopSliceSlaTarget>;
