import Type, { type Static } from 'typebox';
import { closed, HashMap, numbers, oneOf, strings, VendorNfNameFields } from './shapes.ts';

const EndOfCallVqmSummaries = closed({
  adjacencyName: Type.String(),
  endpointDescription: oneOf('Caller', 'Callee'),
  ...numbers(
    'endpointAverageJitter',
    'endpointMaxJitter',
    'endpointRtpOctetsDiscarded',
    'endpointRtpOctetsLost',
    'endpointRtpOctetsReceived',
    'endpointRtpOctetsSent',
    'endpointRtpPacketsDiscarded',
    'endpointRtpPacketsLost',
    'endpointRtpPacketsReceived',
    'endpointRtpPacketsSent',
    'localAverageJitter',
    'localAverageJitterBufferDelay',
    'localMaxJitter',
    'localMaxJitterBufferDelay',
    'localRtpOctetsDiscarded',
    'localRtpOctetsLost',
    'localRtpOctetsReceived',
    'localRtpOctetsSent',
    'localRtpPacketsDiscarded',
    'localRtpPacketsLost',
    'localRtpPacketsReceived',
    'localRtpPacketsSent',
    'mosCqe',
    'oneWayDelay',
    'packetLossPercent',
    'rFactor',
    'roundTripDelay',
  ),
});

export const VoiceQualityFields = closed({
  voiceQualityFieldsVersion: oneOf('4.0'),
  calleeSideCodec: Type.String(),
  callerSideCodec: Type.String(),
  correlator: Type.String(),
  midCallRtcp: Type.String(),
  vendorNfNameFields: VendorNfNameFields,
  additionalInformation: Type.Optional(HashMap),
  endOfCallVqmSummaries: Type.Optional(EndOfCallVqmSummaries),
  ...strings('phoneNumber'),
});
export type VoiceQualityFields = Static<typeof VoiceQualityFields>;
