import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { VesEvent } from '@ranloop/contracts/ves';
import { createInference, InferenceConfig } from '@ranloop/inference';
import { createFolderBlobs } from '@ranloop/kit/blobs';
import { childEnvironment, parseConfig } from '@ranloop/kit/config';
import { createHttpHost } from '@ranloop/kit/http';
import { createLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { createTestAuthenticator, createTestDatabase, TEST_BASIC, TEST_KEY, TEST_SECRET } from '@ranloop/kit/testing';
import { createTelemetry, telemetryConfig } from '@ranloop/non-rt-ric/telemetry';
import { deploy } from '@ranloop/recipes/deploy';
import { type Evaluation, evaluate } from '@ranloop/recipes/evaluate';
import { extract } from '@ranloop/recipes/extract';
import { publish } from '@ranloop/recipes/publish';
import { type Access, type Recipe, recipeCommand, runRecipe } from '@ranloop/recipes/runner';
import { type Metrics, train } from '@ranloop/recipes/train';
import { createInferenceClient } from '@ranloop/sdk/r1';
import { createSession, type Session } from '@ranloop/sdk/session';
import { createTask, getDataset, getModel, getTask, type Params, readArtifact } from '@ranloop/sdk/tracking';
import { createVesClient } from '@ranloop/sdk/ves';
import { createFiles, filesConfig } from '@ranloop/training/files';
import { createTracking, trackingConfig } from '@ranloop/training/tracking';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PERIOD = 600;
const DAYS = 7;
const PER_DAY = 86_400 / PERIOD;
const START = 1_700_006_400;
const SNSSAIS = ['01000001', '02000001', '03000001'];

/**
 * Demand in PRB that recurs by the day, with a lift every fifth period that the last report cannot tell, and a little
 * noise from a generator of its own.
 */
function demand(cell: number, slice: number, t: number, noise: number): number {
  const day = 60 + 40 * Math.sin(2 * Math.PI * (t / PER_DAY) + cell);
  const lift = t % 5 === cell + slice ? 2 : 1;
  return Math.max(0, Math.round((day * lift * (1 + 0.05 * noise)) / (slice + 1)));
}

function measurements(source: string): VesEvent[] {
  let state = 7;
  const noise = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return Array.from({ length: DAYS * PER_DAY }, (_, t) => {
    const end = (START + (t + 1) * PERIOD) * 1e6;
    return {
      commonEventHeader: {
        domain: 'measurement',
        eventId: `${source}-${end}`,
        eventName: 'Measurement_Test',
        startEpochMicrosec: end - PERIOD * 1e6,
        lastEpochMicrosec: end,
        priority: 'Normal',
        reportingEntityName: source,
        sourceName: source,
        sequence: 0,
        version: '4.1',
        vesEventListenerVersion: '7.2.1',
      },
      measurementFields: {
        measurementFieldsVersion: '4.0',
        measurementInterval: PERIOD,
        additionalMeasurements: [0, 1].map((cell) => ({
          name: `ManagedElement=${source},GNBDUFunction=1,NRCellDU=${cell + 1}`,
          hashMap: Object.fromEntries(
            SNSSAIS.flatMap((snssai, slice) => {
              const prbs = demand(cell, slice, t, noise());
              return [
                [`RRU.PrbUsedDl.${snssai}`, String(prbs)],
                [`DRB.PdcpSduVolumeDL.${snssai}`, String(prbs * 10)],
                [`DRB.PdcpPacketDropRateDl.${snssai}`, '0'],
                [`DRB.RlcSduDelayDl.${snssai}`, '12'],
                [`RRC.ConnMean.${snssai}`, String(Math.round(prbs / 2))],
              ];
            }),
          ),
        })),
      },
    };
  });
}

async function startServers() {
  const folder = await mkdtemp(path.join(tmpdir(), 'ranloop-recipes-'));
  const log = createLog({ level: 'error' });
  const metrics = createMetrics();
  const database = await createTestDatabase();
  const auth = await createTestAuthenticator();
  const host = (name: string) => {
    const bodyLimit = 64 * 1024 * 1024;
    return createHttpHost({ name, host: '127.0.0.1', port: 0, bodyLimit }, { log, metrics });
  };
  const [api, files, ves, r1, inference] = [host('api'), host('files'), host('ves'), host('r1'), host('inference')];
  const services = [
    createTracking(parseConfig(trackingConfig, {}, 'tracking'), { http: api.app, database, auth, log, metrics }),
    createFiles(parseConfig(filesConfig, {}, 'files'), {
      http: files.app,
      auth,
      blobs: createFolderBlobs(path.join(folder, 'files')),
      log,
      metrics,
    }),
    createTelemetry(parseConfig(telemetryConfig, {}, 'telemetry'), {
      ves: [{ app: ves.app, open: true }],
      r1: r1.app,
      database,
      auth,
      log,
      metrics,
      stateFolder: folder,
    }),
    createInference(parseConfig(InferenceConfig, { modelsFolder: path.join(folder, 'models') }, 'inference'), {
      http: inference.app,
      auth,
      log,
      metrics,
      authorization: async () => TEST_BASIC,
      origins: () => [files.url],
    }),
  ];
  const hosts = [api, files, ves, r1, inference];
  for (const part of [...services, ...hosts]) await part.start();
  return {
    api: api.url,
    files: files.url,
    ves: ves.url,
    r1: r1.url,
    inference: inference.url,
    async stop() {
      for (const part of [...hosts, ...services.reverse()]) await part.stop();
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe('the recipes among real servers', () => {
  let servers: Awaited<ReturnType<typeof startServers>>;
  let session: Session;
  const said: string[] = [];

  beforeAll(async () => {
    servers = await startServers();
    const keys = { accessKey: TEST_KEY, secretKey: TEST_SECRET };
    session = createSession({ apiUrl: servers.api, filesUrl: servers.files, ...keys });
    const client = createVesClient({ url: servers.ves });
    await client.publish(measurements('gnb-1'));
    await client.publish(measurements('twin-gnb-1').slice(0, 10));
  });
  afterAll(() => servers.stop());

  const access = (taskId: string): Access => ({
    taskId,
    apiUrl: servers.api,
    filesUrl: servers.files,
    accessKey: TEST_KEY,
    secretKey: TEST_SECRET,
    worker: undefined,
  });
  const newTask = async (name: string, params: Params): Promise<string> => {
    const task = await createTask(session, { name, project: 'Recipes', params: { General: params } });
    await task.close();
    return task.id;
  };
  const run = async <P extends Params>(recipe: Recipe<P>, params: Partial<P>) => {
    const id = await newTask(recipe.name, params as Params);
    const note = (line: string) => void said.push(line);
    const signal = new AbortController().signal;
    const code = await runRecipe(recipe, { access: access(id), signal, say: note, complain: note });
    const task = await getTask(session, id);
    const properties = Object.entries(task.hyperparams?.['properties'] ?? {}).map(([key, { value }]) => [key, value]);
    return { id, code, task, properties: Object.fromEntries(properties) as Record<string, string> };
  };
  const json = async <T>(task: Parameters<typeof readArtifact>[1], name: string) =>
    JSON.parse(new TextDecoder().decode(await readArtifact(session, task, name))) as T;

  it('lead from telemetry to a served model', async () => {
    const extracted = await run(extract, { telemetry_url: servers.r1, period: PERIOD, project: 'Recipes' });
    expect(said.at(-1)).toContain('dataset slice-demand 1.0.0');
    expect(extracted).toMatchObject({ code: 0, task: { status: 'completed' } });
    const quality = await json<{ counters: { counter: string; samples: number }[] }>(extracted.task, 'data quality');
    // 7 days of 144 periods, 2 cells, 3 slices; nothing of the twin.
    expect(quality.counters[0]).toMatchObject({ counter: 'RRU.PrbUsedDl', samples: DAYS * PER_DAY * 6, missing: 0 });

    const dataset = extracted.properties['dataset_task'] ?? '';
    const { files } = await getDataset(session, { id: dataset });
    const names = ['data.csv', 'data.parquet', 'description.json', 'quality.json'];
    expect(files.map(({ path: name }) => name).sort()).toEqual(names);
    const trained = await run(train, { dataset_task: dataset, epochs: 5, hidden: [16], batch: 128 });
    expect(trained).toMatchObject({ code: 0, task: { status: 'completed' } });
    const metrics = await json<Metrics>(trained.task, 'metrics');
    expect(metrics.rmse).toBeLessThan(metrics.persistenceRmse);
    expect(metrics.training.exportError).toBeLessThan(1e-4);
    expect(Object.keys(metrics.perCell)).toHaveLength(2);
    expect(Object.keys(metrics.perSlice)).toEqual(SNSSAIS);

    const evaluated = await run(evaluate, { train_task: trained.id });
    expect(evaluated.code).toBe(0);
    const evaluation = await json<Evaluation>(evaluated.task, 'evaluation');
    // Scored anew from the registered file, on the same held-out rows.
    expect(evaluation.perHorizon['2']?.model.rmse).toBeCloseTo(metrics.rmse, 3);
    expect(evaluation.gate.beatsPersistence).toBe(true);

    const early = await run(deploy, { model_id: metrics.model.id, inference_url: servers.inference });
    expect(early).toMatchObject({ code: 1, task: { status: 'failed' } });
    expect(said.at(-1)).toContain('is not published');

    const published = await run(publish, { evaluate_task: evaluated.id });
    expect(published.code).toBe(0);
    expect(await getModel(session, metrics.model.id)).toMatchObject({ ready: true, framework: 'ONNX' });

    const deployed = await run(deploy, { model_id: metrics.model.id, inference_url: servers.inference });
    expect(deployed).toMatchObject({ code: 0, properties: { deployed_version: '1', sha256: metrics.model.sha256 } });
    expect((await getModel(session, metrics.model.id)).tags).toContain('deployed');
    const client = createInferenceClient({ baseUrl: servers.inference, authorization: () => TEST_BASIC });
    const metadata = await client.metadata({ name: 'slice-demand' });
    expect(metadata.parameters).toMatchObject({ modelId: metrics.model.id, taskId: trained.id });
  }, 120_000);

  it('fail with the name of the parameter that is wrong', async () => {
    const missing = await run(train, {});
    expect(missing).toMatchObject({ code: 1, task: { status: 'failed' } });
    expect(missing.task.status_reason).toContain('dataset_task must name the task of a dataset');
    const source = await run(extract, { telemetry_url: servers.r1, source_prefix: 'nobody' });
    expect(source.task.status_reason).toContain('no source that begins with "nobody"');
  });

  it('refuse to publish what does not beat persistence, unless forced', async () => {
    const task = await createTask(session, { name: 'judged', project: 'Recipes' });
    const model = await task.outputModel({ name: 'weak', framework: 'ONNX', bytes: new Uint8Array([1]) });
    const gate = {
      passed: false,
      beatsPersistence: false,
      cellsWon: 0,
      cells: 2,
      coverage: 0.5,
      reasons: ['too weak'],
    };
    await task.artifact('evaluation', { gate, model: { id: model.id, name: 'weak', sha256: '' } });
    await task.close();
    const refused = await run(publish, { evaluate_task: task.id });
    expect(refused).toMatchObject({ code: 1, task: { status: 'failed' } });
    expect(refused.task.status_reason).toContain('too weak');
    expect((await getModel(session, model.id)).ready).toBe(false);
    const forced = await run(publish, { evaluate_task: task.id, force: true });
    expect(forced.code).toBe(0);
    expect(await getModel(session, model.id)).toMatchObject({ ready: true, tags: ['forced', 'gate-failed'] });
  });

  it('end cleanly on SIGTERM as a process of their own', async () => {
    const id = await newTask('extract', { telemetry_url: servers.r1, period: PERIOD, page_points: 1 });
    const { file, args } = recipeCommand();
    const child = spawn(file, [...args, 'extract'], {
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'inherit'],
      env: childEnvironment({
        CLEARML_TASK_ID: id,
        CLEARML_API_HOST: servers.api,
        CLEARML_FILES_HOST: servers.files,
        CLEARML_API_ACCESS_KEY: TEST_KEY,
        CLEARML_API_SECRET_KEY: TEST_SECRET,
      }),
    });
    // Its first line says that it is at work.
    child.stdout.once('data', () => child.kill('SIGTERM'));
    child.stdout.resume();
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(1);
    expect(await getTask(session, id)).toMatchObject({ status: 'stopped', status_reason: 'the process got SIGTERM' });
  }, 60_000);
});
