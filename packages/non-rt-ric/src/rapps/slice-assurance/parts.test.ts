import type { Series } from '@ranloop/contracts/r1';
import { parseConfig } from '@ranloop/kit/config';
import {
  createSeriesTable,
  type ModelCard,
  SLA_VIOLATION,
  sliceDemandCount,
  sliceDemandNames,
} from '@ranloop/sdk/features';
import type { InferenceClient } from '@ranloop/sdk/r1';
import { describe, expect, test } from 'vitest';
import { NOTHING_SETTLED, type Settled } from '../rapp.ts';
import { cellFacts, policyIdOf, policyObject, ratioOf } from './cells.ts';
import { SliceAssuranceConfig } from './config.ts';
import { createDriftWatch } from './drift.ts';
import { effectOf, isWorse } from './effect.ts';
import { createForecaster } from './forecast.ts';
import { createPump } from './pump.ts';

const MINUTE = 60e6;
const DN = 'ManagedElement=gnb-2,GNBDUFunction=1,NRCellDU=3';
const CARD: ModelCard = {
  featureSchema: 'slice-demand-1',
  featureCount: sliceDemandCount,
  horizons: [1, 2],
  quantiles: [0.5, 0.9],
  outputLayout: 'horizon-major',
  outputUnit: 'PRB',
  margins: {},
  normalisation: '',
  datasetId: '',
  taskId: '',
  testPinball: [1, 2],
};

describe('the pump', () => {
  function rig() {
    const ran: number[] = [];
    const gates: (() => void)[] = [];
    const run = async (time: number): Promise<Settled> => {
      ran.push(time);
      await new Promise<void>((resolve) => gates.push(resolve));
      if (time === 13) throw new Error('unlucky');
      return { ...NOTHING_SETTLED, decisions: time };
    };
    const errors: unknown[] = [];
    const pump = createPump(run, { from: 0, onError: (error) => errors.push(error) });
    const open = async () => {
      gates.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { pump, ran, errors, open };
  }

  test('runs one period at a time, and only the newest of those that came meanwhile', async () => {
    const { pump, ran, open } = rig();
    const answers = [pump.request(1), pump.request(2), pump.request(4), pump.request(3)];
    await open();
    await open();
    expect(ran).toEqual([1, 4]);
    expect((await Promise.all(answers)).map(({ decisions }) => decisions)).toEqual([1, 4, 4, 4]);
    expect(await pump.request(2)).toEqual(NOTHING_SETTLED);
  });

  test('goes on after a period that failed', async () => {
    const { pump, ran, errors, open } = rig();
    const failed = pump.request(13);
    await open();
    expect(await failed).toEqual(NOTHING_SETTLED);
    const next = pump.request(14);
    await open();
    expect(await next).toMatchObject({ decisions: 14 });
    expect([ran, errors.length]).toEqual([[13, 14], 1]);
  });

  test('leaves nobody waiting when it stops', async () => {
    const { pump, open } = rig();
    const answers = [pump.request(1), pump.request(2)];
    const stopped = pump.stop();
    await open();
    await stopped;
    expect((await Promise.all(answers)).map(({ decisions }) => decisions)).toEqual([1, 0]);
  });
});

describe('the effect', () => {
  const violations = (source: string, dn: string, values: [string, number[]][]): Series[] =>
    values.map(([snssai, list]) => ({
      counter: SLA_VIOLATION,
      dn,
      source,
      snssai,
      unit: 's',
      points: list.map((value, t) => [t * MINUTE, value]),
    }));
  const live = createSeriesTable({ periodMicros: MINUTE });
  live.add(
    violations('gnb-2', DN, [
      ['01', [5, 6, 7, 8]],
      ['02', [1, 1, 1, 1]],
    ]),
  );
  const twin = createSeriesTable({ periodMicros: MINUTE, accept: () => true });
  twin.add(
    violations('twin-static-gnb-2', DN, [
      ['02', [0, 0, 0]],
      ['01', [2, 2, 2]],
    ]),
  );
  const tables = { live, twin, cell: 0, twinCell: 0 };

  test('is the sum of violation seconds here and in the twin, of a cell or of a slice', () => {
    expect(effectOf({ ...tables, from: MINUTE, to: 2 * MINUTE })).toEqual({ periods: 2, here: 15, twin: 4 });
    expect(effectOf({ ...tables, snssai: '02', from: 0, to: 2 * MINUTE })).toEqual({ periods: 3, here: 3, twin: 0 });
  });

  test('is unknown when the twin did not report, or is not there', () => {
    expect(effectOf({ ...tables, from: 2 * MINUTE, to: 3 * MINUTE })).toBeUndefined();
    expect(effectOf({ ...tables, twinCell: -1, from: 0, to: MINUTE })).toBeUndefined();
    expect(effectOf({ ...tables, snssai: '03', from: 0, to: MINUTE })).toBeUndefined();
  });

  test('counts as worse only beyond both margins', () => {
    const margin = { seconds: 30, share: 0.25 };
    expect(isWorse({ periods: 5, here: 30, twin: 0 }, margin)).toBe(false);
    expect(isWorse({ periods: 5, here: 31, twin: 0 }, margin)).toBe(true);
    expect(isWorse({ periods: 5, here: 240, twin: 200 }, margin)).toBe(false);
    expect(isWorse({ periods: 5, here: 251, twin: 200 }, margin)).toBe(true);
  });
});

describe('drift', () => {
  const limits = { forecasts: 4, factor: 1.5, stabilityIndex: 0.25, rows: 100 };
  const options = { limits, horizon: 2, quantile: 0.9 };

  test('is called when the rolling pinball loss passes what the test days allow', () => {
    const watch = createDriftWatch(CARD, options);
    // Loss 0.9 * 3 = 2.7 each, 3.0 allowed; then one of 0.9 * 10 lifts the mean to (2.7 * 3 + 9) / 4 = 4.275.
    for (let i = 0; i < 4; i++) watch.judge(13, 10);
    expect(watch.reason()).toBeUndefined();
    watch.judge(20, 10);
    expect(watch.reason()).toContain('4.275');
    for (let i = 0; i < 4; i++) watch.judge(9, 10);
    expect(watch.reason()).toBeUndefined();
  });

  test('is called when an input lies elsewhere than in training', () => {
    const inputs = [{ feature: 'users[t-0]', edges: [5], shares: [0.5, 0.5] }];
    const watch = createDriftWatch({ ...CARD, inputs }, options);
    const rows = (count: number, users: (row: number) => number) => {
      const features = new Float32Array(count * sliceDemandCount);
      for (let row = 0; row < count; row++)
        features[row * sliceDemandCount + sliceDemandNames.indexOf('users[t-0]')] = users(row);
      return features;
    };
    watch.see(rows(100, (row) => row % 10));
    expect(watch.reason()).toBeUndefined();
    watch.see(rows(100, () => 9));
    expect(watch.reason()).toContain('users[t-0]');
  });
});

describe('the forecaster', () => {
  const metadata = (card: object, sha256 = 'a') => ({
    name: 'm',
    versions: ['1'],
    platform: 'onnx',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, sliceDemandCount] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 4] }],
    parameters: { 'ranloop.card': JSON.stringify(card), sha256, modelId: `id-${sha256}` },
  });
  const answer = (data: number[], sha256 = 'a') => ({
    modelName: 'm',
    modelVersion: '1',
    sha256,
    modelId: undefined,
    outputs: new Map([['y', { shape: [data.length / 4, 4], data: Float32Array.from(data) }]]),
  });
  const forecaster = (client: Partial<InferenceClient>) =>
    createForecaster(client as InferenceClient, {
      model: { name: 'm' },
      quantile: 0.9,
      horizon: 2,
      signal: new AbortController().signal,
    });
  const rows = new Float32Array(2 * sliceDemandCount);

  test('takes the columns of its horizon, row by row', async () => {
    const one = forecaster({
      metadata: async () => metadata(CARD),
      infer: async () => answer([1, 2, 3, 4, 5, 6, 7, 8]),
    });
    const forecasts = await one.forecast(rows, 2);
    expect([[...(forecasts?.p50 ?? [])], [...(forecasts?.p90 ?? [])]]).toEqual([
      [3, 7],
      [4, 8],
    ]);
  });

  test('asks again when the model was exchanged under it, and says which one answered', async () => {
    let served = 'a';
    const one = forecaster({
      metadata: async () => metadata(CARD, served),
      infer: async () => answer([1, 2, 3, 4, 5, 6, 7, 8], served),
    });
    expect((await one.forecast(rows, 2))?.model.modelId).toBe('id-a');
    served = 'b';
    expect((await one.forecast(rows, 2))?.model.modelId).toBe('id-b');
  });

  test('does without a model whose card does not fit, or whose answers are no forecasts, and says why', async () => {
    const unfit = async (card: object) => {
      const one = forecaster({ metadata: async () => metadata(card) });
      expect(await one.look()).toBeUndefined();
      return one.reason;
    };
    expect(await unfit({ ...CARD, featureSchema: 'series-1' })).toContain('series-1');
    expect(await unfit({ ...CARD, featureCount: 7 })).toContain('7 features');
    expect(await unfit({ ...CARD, horizons: [1, 5] })).toContain('horizon 2');
    expect(await unfit({ ...CARD, quantiles: [0.9, 0.99] })).toContain('median');
    const broken = forecaster({
      metadata: async () => metadata(CARD),
      infer: async () => answer([1, 2, Number.NaN, 4]),
    });
    expect(await broken.forecast(rows, 1)).toBeUndefined();
    expect(broken.reason).toContain('finite');
  });
});

describe('policies of a cell', () => {
  const config = parseConfig(SliceAssuranceConfig, { cells: [{ dn: DN, prbs: 106 }] }, 'slice-assurance');

  test('name the cell by its NCI, from the configuration or from the DN', () => {
    expect(cellFacts(config, DN)).toEqual({ ncI: 2 * 16_384 + 3, prbs: 106, managedElement: 'gnb-2' });
    const listed = parseConfig(SliceAssuranceConfig, { cells: [{ dn: DN, ncI: 7 }] }, 'slice-assurance');
    expect(cellFacts(listed, 'ManagedElement=gnb-2,GNBCUCPFunction=1,NRCellCU=3')).toMatchObject({ ncI: 7, prbs: 273 });
  });

  test('can be read back', () => {
    const ratio = { min: 20, max: 100, dedicated: 20 };
    const object = policyObject(config, { dn: DN, snssai: '02', ratio, guaranteed: Number.NaN });
    expect(object.scope.sliceId).toEqual({ sst: 2, plmnId: { mcc: '001', mnc: '01' } });
    expect(object.sliceSlaObjectives).toEqual({ guaDlThptPerSlice: 0 });
    expect(ratioOf({ ...object })).toEqual(ratio);
    expect(ratioOf({})).toBeUndefined();
    expect(policyIdOf(DN, '02')).toBe('slice-assurance-gnb-2-3-02');
  });
});
