import { parseConfig } from '@ranloop/kit/config';
import Type, { type Static } from 'typebox';

/**
 * Every number of the simulated RAN. The defaults are the problem that the controllers are judged on: loads in which
 * URLLC needs dedicated PRBs in busy hours and a few percent of busy minutes cannot serve everything.
 */
const number = (value: number, minimum = 0, maximum = 1e9) => Type.Number({ default: value, minimum, maximum });
const range = (from: number, to: number) =>
  Type.Tuple([Type.Number({ minimum: 0 }), Type.Number({ minimum: 0 })], { default: [from, to] });
const object = <T extends Record<string, ReturnType<typeof number> | ReturnType<typeof range>>>(fields: T) =>
  Type.Object(fields, { default: {}, additionalProperties: false });

interface SliceDefaults {
  movers: number;
  usersPerMover: number;
  ratePerUser: number;
  peakRate: number;
  roaming: number;
  nightLevel: number;
  busyHour: number;
  noise: number;
  secondNoise: number;
  weekend: number;
  delayLimit: number;
}

const slice = (defaults: SliceDefaults) =>
  Type.Object(
    {
      /** Positions simulated per cell; each stands for `usersPerMover` users. */
      movers: Type.Integer({ default: defaults.movers, minimum: 1, maximum: 500 }),
      usersPerMover: number(defaults.usersPerMover),
      /** Mbit/s offered by a user in the mean of the busy hour. */
      ratePerUser: number(defaults.ratePerUser),
      /** Mbit/s of a user while data is sent: offered rate over this is the number of active users. */
      peakRate: number(defaults.peakRate, 0.001),
      /** Chance that a trip leads into a neighbouring cell. */
      roaming: number(defaults.roaming, 0, 1),
      /** Users at the quietest hour over users at the busiest. */
      nightLevel: number(defaults.nightLevel, 0, 1),
      /** Hour of the day of the most users; each cell is shifted by up to `day.phaseHours`. */
      busyHour: number(defaults.busyHour, 0, 24),
      /** Deviation of the noise that is correlated over minutes, relative. */
      noise: number(defaults.noise, 0, 1),
      /** Deviation from second to second, relative. */
      secondNoise: number(defaults.secondNoise, 0, 1),
      weekend: number(defaults.weekend, 0, 10),
      /** Seconds after which what waits is lost. */
      delayLimit: number(defaults.delayLimit, 0.001, 3_600),
    },
    { default: {}, additionalProperties: false },
  );

export const scenarioConfig = Type.Object(
  {
    seed: Type.Integer({ default: 1, minimum: 0, maximum: 4_294_967_295 }),
    cells: Type.Integer({ default: 7, minimum: 1, maximum: 200 }),
    /** 100 MHz at 30 kHz subcarrier spacing. */
    prbs: Type.Integer({ default: 273, minimum: 1, maximum: 275 }),
    periodSeconds: Type.Integer({ default: 60, minimum: 1, maximum: 86_400 }),
    /** A second holds a whole number of steps; offered traffic does not depend on it. */
    stepSeconds: Type.Union([Type.Literal(1), Type.Literal(0.5), Type.Literal(0.25), Type.Literal(0.1)], {
      default: 1,
    }),
    /** Measured rates, one a second, offered as eMBB: scaled to mean 1 and shifted in time for each mover. */
    trace: Type.Optional(Type.Array(Type.Number({ minimum: 0 }), { minItems: 1, maxItems: 1_000_000 })),
    slices: Type.Object(
      {
        embb: slice({
          movers: 60,
          usersPerMover: 1,
          ratePerUser: 1.7,
          peakRate: 25,
          roaming: 0.15,
          nightLevel: 0.5,
          busyHour: 19,
          noise: 0.04,
          secondNoise: 0.04,
          weekend: 1.1,
          delayLimit: 0.1,
        }),
        urllc: slice({
          movers: 30,
          usersPerMover: 0.8,
          ratePerUser: 1.8,
          peakRate: 6,
          roaming: 0.05,
          nightLevel: 0.6,
          busyHour: 15,
          noise: 0.03,
          secondNoise: 0.02,
          weekend: 0.7,
          delayLimit: 0.03,
        }),
        miot: slice({
          movers: 12,
          usersPerMover: 40,
          ratePerUser: 0.035,
          peakRate: 10,
          roaming: 0,
          nightLevel: 0.6,
          busyHour: 17,
          noise: 0.03,
          secondNoise: 0.02,
          weekend: 1,
          delayLimit: 10,
        }),
      },
      { default: {}, additionalProperties: false },
    ),
    day: object({
      phaseHours: number(2, 0, 12),
      /** Above 1 the busy hours are shorter than the quiet ones. */
      sharpness: number(1, 0.1, 10),
      /** Above 1 the busiest level lasts for hours. */
      plateau: number(3, 1, 10),
      /** Minutes over which the correlated noise forgets. */
      noiseMinutes: number(12, 1, 1_000),
    }),
    /** Recurring by a timetable of the day: the same minutes every day, give or take the jitter. */
    events: object({
      headwayMinutes: range(12, 20),
      minutes: range(2, 4),
      factor: range(2, 3),
      /** Seconds to either side. */
      jitterSeconds: number(15, 0, 300),
      rampSeconds: number(5, 0, 60),
    }),
    /** Flash crowds of one cell and one slice, which nobody can know. */
    crowds: object({
      perCellAndDay: number(0.3),
      minutes: range(20, 60),
      factor: range(1.5, 3),
      rampSeconds: number(60, 0, 600),
    }),
    mobility: object({
      siteDistance: number(500, 10, 10_000),
      /** Seconds from one stop of a mover to its next. */
      tripSeconds: range(900, 2_400),
      /** Positions, serving cells and channels are sampled this often, in seconds; divides a minute. */
      sampleSeconds: Type.Number({ default: 20, minimum: 1, maximum: 60 }) as ReturnType<typeof number>,
    }),
    channel: object({
      carrierGhz: number(3.5, 0.4, 100),
      /** Per PRB: 50 dBm over 273 PRB. */
      powerPerPrbDbm: number(25.6, -50, 60),
      noisePerPrbDbm: Type.Number({ default: -111.5 }) as ReturnType<typeof number>,
      siteHeight: number(25, 1, 300),
      shadowingDb: number(6, 0, 20),
      /** What beamforming keeps of a neighbour's power away from a user. */
      interferenceRejectionDb: number(8, 0, 60),
      /** Spectral efficiency over Shannon's at the same SINR. */
      shannonShare: number(0.65, 0.05, 1),
      layers: number(2, 1, 8),
      /** Share of resource elements that carry data: TDD pattern, control and reference signals. */
      dataShare: number(0.62, 0.01, 1),
      lowestCqi: number(3, 1, 15),
    }),
    delay: object({
      /** Milliseconds from the PDCP to the air without waiting. */
      baseMs: number(1),
      /** Mean residual service time that an arrival finds, milliseconds: behind large transport blocks, or its own kind. */
      sharedResidualMs: number(0.634, 0.001),
      dedicatedResidualMs: number(0.06, 0.001),
      /** Load up to which dedicated PRBs are filled before the rest of a slice goes to shared ones. */
      dedicatedFill: number(0.95, 0.1, 1),
    }),
    sla: object({
      embbUserRate: number(20),
      urllcDelayMs: number(10),
      urllcLateShare: number(0.01, 0, 1),
      urllcLossShare: number(1e-4, 0, 1),
      miotLossShare: number(1e-3, 0, 1),
    }),
    power: object({ idleWatt: number(320), fullWatt: number(950) }),
  },
  { default: {}, additionalProperties: false },
);
export type Scenario = Static<typeof scenarioConfig>;

export type SliceKey = keyof Scenario['slices'];
export const SLICE_KEYS: readonly SliceKey[] = ['embb', 'urllc', 'miot'];
export const EMBB = 0;
export const URLLC = 1;

/** A scenario from whatever is given of it; the rest are the defaults. RL_CONFIG names each field that is wrong. */
export function parseScenario(given: unknown = {}): Scenario {
  return parseConfig(scenarioConfig, given, 'radio');
}
