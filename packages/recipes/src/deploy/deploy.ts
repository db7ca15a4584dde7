import { RanloopError } from '@ranloop/contracts/errors';
import type { LoadedModel } from '@ranloop/contracts/inference';
import { cardFromMetadata } from '@ranloop/sdk/features';
import { createInferenceClient, type InferenceClient } from '@ranloop/sdk/r1';
import { type Session, sleep } from '@ranloop/sdk/session';
import { findModels, getModel, tagModel } from '@ranloop/sdk/tracking';
import { INPUT, OUTPUT } from '../onnx/tensors.ts';
import type { Recipe, RecipeContext } from '../runner/index.ts';

const defaults = {
  model_id: '',
  /** The inference host. */
  inference_url: 'http://127.0.0.1:9082',
  /** The name to serve under. */
  name: 'slice-demand',
  /** Empty: the host counts up. */
  version: '',
  /** Deploy a model that is not published. */
  force: false,
  ready_seconds: 30,
};
export type DeployParams = typeof defaults;

/** Loads a published model on an inference host, tries it, and records what serves now. */
export const deploy: Recipe<DeployParams> = { name: 'deploy', defaults, run };

export const DEPLOYED_TAG = 'deployed';

async function run(context: RecipeContext<DeployParams>): Promise<void> {
  const { params, session, task, say } = context;
  if (params.model_id === '') throw new RanloopError('RL_INVALID', 'model_id must name a model');
  const model = await getModel(session, params.model_id);
  if (model.ready !== true && !params.force)
    throw new RanloopError('RL_CONFLICT', `model ${model.id} is not published; publish it first`);
  if (!model.uri) throw new RanloopError('RL_UNPROCESSABLE', `model ${model.id} has no file`);
  const client = createInferenceClient({ baseUrl: params.inference_url, authorization: context.authorization });
  const sha256 = model.metadata?.['sha256']?.value;
  const loaded = await client.load(params.name, {
    uri: model.uri,
    modelId: model.id,
    ...(params.version === '' ? {} : { version: params.version }),
    ...(model.task ? { taskId: model.task } : {}),
    ...(sha256 === undefined ? {} : { sha256 }),
  });
  say(`${params.name} version ${loaded.version} is loaded on ${params.inference_url}`);
  await waitReady(client, { name: params.name, seconds: params.ready_seconds, signal: context.signal });
  const millis = await tryOut(client, loaded);
  say(`a trial inference took ${millis.toFixed(1)} ms`);
  await moveTag(session, { id: model.id, name: model.name });
  await task.inputModel(model.id, model.name);
  await task.artifact('deployment', { ...loaded, inferenceUrl: params.inference_url, trialMillis: millis });
  await task.setUserProperties({
    model_id: model.id,
    deployed_name: params.name,
    deployed_version: loaded.version,
    sha256: loaded.sha256,
  });
}

async function waitReady(
  client: InferenceClient,
  { name, seconds, signal }: { name: string; seconds: number; signal: AbortSignal },
): Promise<void> {
  const until = Date.now() + seconds * 1_000;
  while (!(await client.modelReady({ name }))) {
    if (Date.now() > until) throw new RanloopError('RL_TIMEOUT', `${name} is not ready after ${seconds} s`);
    await sleep(200, signal);
  }
}

/** The card must be readable and the answer of the very model that was loaded; features of a cell without load do. */
async function tryOut(client: InferenceClient, loaded: LoadedModel): Promise<number> {
  const card = cardFromMetadata((await client.metadata({ name: loaded.name })).parameters);
  const started = performance.now();
  const answer = await client.infer({ name: loaded.name, version: loaded.version }, [
    { name: INPUT, shape: [1, card.featureCount], data: new Float32Array(card.featureCount) },
  ]);
  const millis = performance.now() - started;
  const output = answer.outputs.get(OUTPUT);
  const wanted = card.horizons.length * card.quantiles.length;
  if (!output || output.data.length !== wanted || !output.data.every(Number.isFinite))
    throw new RanloopError('RL_UNPROCESSABLE', `the trial inference did not give ${wanted} numbers`);
  if (answer.sha256 !== undefined && answer.sha256 !== loaded.sha256)
    throw new RanloopError('RL_CONFLICT', 'another model answered the trial inference');
  return millis;
}

async function moveTag(session: Session, model: { id: string; name: string }): Promise<void> {
  for (const { id } of await findModels(session, { name: model.name, tags: [DEPLOYED_TAG] }))
    if (id !== model.id) await tagModel(session, id, { remove: [DEPLOYED_TAG] });
  await tagModel(session, model.id, { add: [DEPLOYED_TAG] });
}
