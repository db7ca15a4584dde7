import Type, { type Static } from 'typebox';

/** The model repository extension: `POST /v2/repository/index`, `/v2/repository/models/{model}/load` and `/unload`. */

/** Names become parts of addresses and metrics, so they are kept plain. */
export const ModelName = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$' });
export const ModelVersion = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' });

export const RepositoryIndexRequest = Type.Object({ ready: Type.Optional(Type.Boolean()) });

export const ModelState = Type.Union([Type.Literal('READY'), Type.Literal('UNAVAILABLE')]);

export const RepositoryEntry = Type.Object({
  name: Type.String(),
  version: Type.String(),
  state: ModelState,
  /** Why a model is not READY: `unloaded`, or what went wrong when it was brought back. */
  reason: Type.String(),
});
export type RepositoryEntry = Static<typeof RepositoryEntry>;

/** Without `uri` the model's kept file is loaded again. */
export const LoadParameters = Type.Object(
  {
    uri: Type.Optional(Type.String({ minLength: 1, maxLength: 2_048 })),
    /** Left out: the next whole number. */
    version: Type.Optional(ModelVersion),
    /** Lower-case hex digest of the file; the file is refused when it differs. */
    sha256: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
    modelId: Type.Optional(Type.String({ maxLength: 128 })),
    taskId: Type.Optional(Type.String({ maxLength: 128 })),
  },
  { additionalProperties: false },
);
export type LoadParameters = Static<typeof LoadParameters>;

export const LoadRequest = Type.Object({ parameters: Type.Optional(LoadParameters) });
export type LoadRequest = Static<typeof LoadRequest>;

export const LoadedModel = Type.Object({
  name: Type.String(),
  version: Type.String(),
  sha256: Type.String(),
  modelId: Type.String(),
  taskId: Type.String(),
});
export type LoadedModel = Static<typeof LoadedModel>;
