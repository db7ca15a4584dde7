import Type, { type Static } from 'typebox';

export const agentConfig = Type.Object({
  apiUrl: Type.String({ minLength: 1 }),
  filesUrl: Type.String({ minLength: 1 }),
  accessKey: Type.String({ minLength: 1 }),
  secretKey: Type.String({ minLength: 1 }),
  /** Names of queues, most urgent first; made when they do not exist. */
  queues: Type.Array(Type.String({ minLength: 3, maxLength: 256 }), {
    minItems: 1,
    maxItems: 64,
    default: ['default'],
  }),
  /** Workers are called `<workerName>:<slot>`; the name of the host when empty. Unique among agents of one server. */
  workerName: Type.String({ default: '', maxLength: 200, pattern: '^[A-Za-z0-9._-]*$' }),
  /** Tasks that run at the same time. */
  slots: Type.Integer({ default: 1, minimum: 1, maximum: 64 }),
  /** The program that runs a recipe; the recipe's name is added as its last argument. No shell is involved. */
  recipeCommand: Type.Object({ file: Type.String({ minLength: 1 }), args: Type.Array(Type.String()) }),
  /** Recipes that there are. */
  recipes: Type.Array(Type.String(), { minItems: 1 }),
  /** Holds one folder for each running task. */
  workFolder: Type.String({ minLength: 1 }),
  pollMs: Type.Integer({ default: 500, minimum: 50, maximum: 60_000 }),
  statusPollMs: Type.Integer({ default: 1_000, minimum: 50, maximum: 60_000 }),
  reportMs: Type.Integer({ default: 10_000, minimum: 100, maximum: 60_000 }),
  /** From SIGTERM to SIGKILL. */
  graceMs: Type.Integer({ default: 10_000, minimum: 0, maximum: 600_000 }),
  /** Niceness of the tasks, so that training does not starve the servers on the same machine. */
  nice: Type.Integer({ default: 10, minimum: 0, maximum: 19 }),
});
export type AgentConfig = Static<typeof agentConfig>;
