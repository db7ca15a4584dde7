import { RanloopError } from '@ranloop/contracts/errors';
import { getModel, getTask, publishModel, readArtifact, tagModel } from '@ranloop/sdk/tracking';
import type { Evaluation } from '../evaluate/index.ts';
import type { Recipe, RecipeContext } from '../runner/index.ts';

const PERSISTENCE = 'persistence';
const GATE = 'gate';

const defaults = {
  /** The task whose `evaluation` decides. */
  evaluate_task: '',
  /** What a model must do: `persistence` (beat it on held-out data) or `gate` (all of the gate). */
  require: PERSISTENCE,
  /** Publish whatever the evaluation says. */
  force: false,
  tags: [] as readonly string[],
};
export type PublishParams = typeof defaults;

/** Publishes a model that was found good enough; refuses, with the reasons, one that was not. */
export const publish: Recipe<PublishParams> = { name: 'publish', defaults, run };

async function run({ params, session, task, say }: RecipeContext<PublishParams>): Promise<void> {
  if (params.evaluate_task === '') throw new RanloopError('RL_INVALID', 'evaluate_task must name a task');
  if (params.require !== PERSISTENCE && params.require !== GATE)
    throw new RanloopError('RL_INVALID', `require must be ${PERSISTENCE} or ${GATE}`);
  const judged = await getTask(session, params.evaluate_task);
  const { gate, model } = JSON.parse(
    new TextDecoder().decode(await readArtifact(session, judged, 'evaluation')),
  ) as Evaluation;
  const met = params.require === GATE ? gate.passed : gate.beatsPersistence;
  say(`full gate: ${gate.passed ? 'passed' : `not passed (${gate.reasons.join('; ')})`}`);
  if (!met && !params.force)
    throw new RanloopError('RL_CONFLICT', `model ${model.id} is not published: ${gate.reasons.join('; ')}`);
  await tagModel(session, model.id, {
    add: [gate.passed ? 'gate-passed' : 'gate-failed', ...(met ? [] : ['forced']), ...params.tags],
  });
  await publishModel(session, model.id);
  const { name, uri } = await getModel(session, model.id);
  await task.inputModel(model.id, name);
  await task.artifact('published', { model: { ...model, uri }, gate, forced: !met });
  await task.setUserProperties({ model_id: model.id, gate: gate.passed ? 'passed' : 'failed' });
  say(`model ${name} (${model.id}) is published${met ? '' : ', forced'}`);
}
