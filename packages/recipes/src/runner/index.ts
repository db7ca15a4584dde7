export { type Access, accessOf } from './access.ts';
export { RECIPES, recipeCommand } from './command.ts';
export { type Recipe, type RecipeContext, runRecipe } from './runner.ts';
