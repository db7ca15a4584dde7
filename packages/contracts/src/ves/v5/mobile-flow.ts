import Type from 'typebox';
import { MobileFlowFields as Later } from '../mobile-flow.ts';
import { Fields } from './shapes.ts';

// In 5 the counts are lists of pairs, of which only the first two places are typed; draft-04 lets a shorter list pass.
const pairs = Type.Optional(Type.Array(Type.Array(Type.Union([Type.String(), Type.Number()]))));

const GtpPerFlowMetrics = Type.Object({
  ...Later.properties.gtpPerFlowMetrics.properties,
  ipTosCountList: pairs,
  mobileQciCosCountList: pairs,
  tcpFlagCountList: pairs,
});

/** The fields of 7 with these differences: maps are lists, and the version is a number. */
export const MobileFlowFields = Type.Object({
  ...Later.properties,
  mobileFlowFieldsVersion: Type.Number(),
  gtpPerFlowMetrics: GtpPerFlowMetrics,
  additionalFields: Type.Optional(Fields),
});
