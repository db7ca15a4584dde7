import { fileURLToPath } from 'node:url';

/** Names that `run.ts` knows. */
export const RECIPES = ['extract', 'train', 'evaluate', 'publish', 'deploy'] as const;

/**
 * The program that runs a recipe, whose name is added as its last argument. Addresses are absolute, since an agent starts
 * it in the folder of the task. A small young generation keeps the memory of a training some 60 MB lower.
 */
export function recipeCommand(): { file: string; args: string[] } {
  const run = fileURLToPath(new URL('../run.ts', import.meta.url));
  return { file: process.execPath, args: ['--max-semi-space-size=4', '--import', import.meta.resolve('tsx'), run] };
}
