import type { Task } from '@ranloop/contracts/tracking';

/** How a task that runs a recipe says so in its `script`. */
export const RECIPE_REPOSITORY = 'ranloop:recipes';

/** What to run for a task, or why this agent cannot. */
export type Plan = { readonly recipe: string } | { readonly refusal: string };

/** A recipe's name becomes an argument of a program: it must not look like an option or a path. */
const RECIPE_NAME = /^[a-z][a-z0-9-]{0,63}$/;

export function planOf(script: Task['script'], recipes: readonly string[]): Plan {
  const { repository = '', binary = '', entry_point: entry = '', diff = '' } = script ?? {};
  if (repository !== RECIPE_REPOSITORY) {
    const empty = repository === '' && entry === '' && diff === '';
    return { refusal: empty ? 'the task has no script to run' : 'needs Python support, not in this version' };
  }
  if (!/^node/.test(binary)) return { refusal: `a recipe runs on node, not on "${binary.slice(0, 50)}"` };
  if (!RECIPE_NAME.test(entry) || !recipes.includes(entry))
    return { refusal: `unknown recipe "${entry.slice(0, 100)}"; this agent knows ${recipes.join(', ')}` };
  return { recipe: entry };
}
