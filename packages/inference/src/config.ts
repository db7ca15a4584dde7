import Type, { type Static } from 'typebox';

export const InferenceConfig = Type.Object(
  {
    /** Model files and the list of what is deployed are kept here, so that models come back after a restart. */
    modelsFolder: Type.String({ minLength: 1 }),
    /** The file server that models are loaded from, e.g. `http://127.0.0.1:8081`. */
    filesUrl: Type.Optional(Type.String({ minLength: 1 })),
    /** Further origins that models may be loaded from. */
    allowedOrigins: Type.Array(Type.String({ minLength: 1 }), { default: [], maxItems: 100 }),
    /** Bytes of the largest model file. */
    maxModelBytes: Type.Integer({ default: 256 * 1024 * 1024, minimum: 1 }),
    maxModels: Type.Integer({ default: 64, minimum: 1 }),
    /** Milliseconds for a download as a whole. */
    downloadTimeoutMs: Type.Integer({ default: 60_000, minimum: 1 }),
    /** Bytes of the body of an inference request. */
    maxRequestBytes: Type.Integer({ default: 16 * 1024 * 1024, minimum: 1 }),
    /** Elements in all output tensors of one answer. */
    maxOutputElements: Type.Integer({ default: 4_000_000, minimum: 1 }),
    /** Threads of ONNX Runtime for one model; small models are fastest with one. */
    threads: Type.Integer({ default: 1, minimum: 1, maximum: 256 }),
  },
  { additionalProperties: false },
);
export type InferenceConfig = Static<typeof InferenceConfig>;
