import { fileURLToPath } from 'node:url';

/** Names that `run.ts` knows. */
export const RECIPES = ['extract', 'train', 'evaluate', 'publish', 'deploy'] as const;

/**
 * The program that runs a recipe, whose name is added as its last argument. Addresses are absolute, since an agent starts
 * it in the folder of the task.
 */
export function recipeCommand(): { file: string; args: string[] } {
  const run = fileURLToPath(new URL('../run.ts', import.meta.url));
  return { file: process.execPath, args: ['--import', import.meta.resolve('tsx'), run] };
}
