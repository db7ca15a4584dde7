import { environment } from '@ranloop/kit/config';
import { accessOf, RECIPES, type Recipe, runRecipe } from './runner/index.ts';

type Name = (typeof RECIPES)[number];

/** Only what a recipe needs is loaded: TensorFlow.js and ONNX Runtime cost memory and a second each. */
const load: Readonly<Record<Name, () => Promise<Recipe<never>>>> = {
  extract: async () => (await import('./extract/index.ts')).extract as Recipe<never>,
  train: async () => (await import('./train/index.ts')).train as Recipe<never>,
  evaluate: async () => (await import('./evaluate/index.ts')).evaluate as Recipe<never>,
  publish: async () => (await import('./publish/index.ts')).publish as Recipe<never>,
  deploy: async () => (await import('./deploy/index.ts')).deploy as Recipe<never>,
};

/** `run.ts <recipe>`: runs one recipe as the task that the environment names, and exits with 0 or 1. */
async function main(argument: string | undefined): Promise<0 | 1> {
  const complain = (line: string) => console.error(line);
  const name = RECIPES.find((known) => known === argument);
  if (!name) {
    complain(`usage: run.ts ${RECIPES.join('|')}`);
    return 1;
  }
  const ending = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => ending.abort(new Error(`the process got ${signal}`)));
  try {
    const recipe = await load[name]();
    const say = (line: string) => console.log(line);
    return await runRecipe(recipe, { access: accessOf(environment()), signal: ending.signal, say, complain });
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

// Open handles of TensorFlow.js or ONNX Runtime must not keep a finished recipe alive.
process.exit(await main(process.argv[2]));
