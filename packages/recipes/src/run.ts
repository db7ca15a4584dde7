import { environment } from '@ranloop/kit/config';
import { deploy } from './deploy/index.ts';
import { evaluate } from './evaluate/index.ts';
import { extract } from './extract/index.ts';
import { publish } from './publish/index.ts';
import { accessOf, type Recipe, runRecipe } from './runner/index.ts';
import { train } from './train/index.ts';

/** `run.ts <recipe>`: runs one recipe as the task that the environment names, and exits with 0 or 1. */
async function main(name: string | undefined): Promise<0 | 1> {
  const recipes: Readonly<Record<string, Recipe<never>>> = { extract, train, evaluate, publish, deploy } as never;
  const recipe = name !== undefined && Object.hasOwn(recipes, name) ? recipes[name] : undefined;
  const complain = (line: string) => console.error(line);
  if (!recipe) {
    complain(`usage: run.ts ${Object.keys(recipes).join('|')}`);
    return 1;
  }
  const ending = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => ending.abort(new Error(`the process got ${signal}`)));
  try {
    const say = (line: string) => console.log(line);
    return await runRecipe(recipe, { access: accessOf(environment()), signal: ending.signal, say, complain });
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

// Open handles of TensorFlow.js or ONNX Runtime must not keep a finished recipe alive.
process.exit(await main(process.argv[2]));
