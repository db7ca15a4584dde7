// Stands for the recipes of a pipeline: takes its parameters, writes an artifact, fails or waits when told to.
import { RanloopError } from '@ranloop/contracts/errors';
import { environment } from '@ranloop/kit/config';
import { type Recipe, runRecipe } from '@ranloop/recipes/runner';
import { sleep } from '@ranloop/sdk/session';

const recipe: Recipe<{ fail: boolean; hold: number }> = {
  name: process.argv.at(-1) ?? '',
  defaults: { fail: false, hold: 0 },
  async run({ task, params, signal }) {
    await sleep(params.hold * 1_000, signal);
    if (params.fail) throw new RanloopError('RL_UNPROCESSABLE', 'told to fail');
    await task.artifact('out', { fine: true });
  },
};

const told = new AbortController();
process.once('SIGTERM', () => told.abort(new Error('told to end')));
const { CLEARML_TASK_ID, CLEARML_API_HOST, CLEARML_FILES_HOST, CLEARML_API_ACCESS_KEY, CLEARML_API_SECRET_KEY } =
  environment();
process.exitCode = await runRecipe(recipe, {
  access: {
    taskId: CLEARML_TASK_ID ?? '',
    apiUrl: CLEARML_API_HOST ?? '',
    filesUrl: CLEARML_FILES_HOST ?? '',
    accessKey: CLEARML_API_ACCESS_KEY ?? '',
    secretKey: CLEARML_API_SECRET_KEY ?? '',
    worker: undefined,
  },
  signal: told.signal,
  say: (line) => console.log(line),
  complain: (line) => console.error(line),
});
