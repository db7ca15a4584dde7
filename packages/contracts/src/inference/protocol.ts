import Type, { type Static } from 'typebox';

/** Open Inference Protocol, version 2 (REST). */
export const INFERENCE_V2 = '/v2';
/** The older prediction protocol, `/v1/models/{model}:predict`. */
export const INFERENCE_V1 = '/v1';

/** In a request: bytes of the JSON part, after which binary tensors follow. In a response: the same. */
export const JSON_LENGTH_HEADER = 'inference-header-content-length';

export const DATATYPES = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BYTES',
] as const;
export type Datatype = (typeof DATATYPES)[number];

const Name = Type.String({ minLength: 1, maxLength: 256 });
const Parameters = Type.Record(Type.String(), Type.Unknown());
const Dimension = Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 });

export const TensorMetadata = Type.Object({
  name: Type.String(),
  datatype: Type.String(),
  /** -1 for a dimension of any size. */
  shape: Type.Array(Type.Integer({ minimum: -1 })),
});
export type TensorMetadata = Static<typeof TensorMetadata>;

export const ServerMetadata = Type.Object({
  name: Type.String(),
  version: Type.String(),
  extensions: Type.Array(Type.String()),
});
export type ServerMetadata = Static<typeof ServerMetadata>;

export const ModelMetadata = Type.Object({
  name: Type.String(),
  versions: Type.Optional(Type.Array(Type.String())),
  platform: Type.String(),
  inputs: Type.Array(TensorMetadata),
  outputs: Type.Array(TensorMetadata),
  /** What the model file says about itself (ONNX `metadata_props`), and `sha256`, `modelId`, `taskId` of its deployment. */
  parameters: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type ModelMetadata = Static<typeof ModelMetadata>;

/** `data` is row-major, nested or flat; absent when the tensor follows as bytes (`parameters.binary_data_size`). */
export const RequestInput = Type.Object({
  name: Name,
  shape: Type.Array(Dimension, { maxItems: 16 }),
  datatype: Type.Union(DATATYPES.map((name) => Type.Literal(name))),
  parameters: Type.Optional(Parameters),
  data: Type.Optional(Type.Unknown()),
});
export type RequestInput = Static<typeof RequestInput>;

export const RequestOutput = Type.Object({ name: Name, parameters: Type.Optional(Parameters) });
export type RequestOutput = Static<typeof RequestOutput>;

export const InferRequest = Type.Object({
  id: Type.Optional(Type.String({ maxLength: 1024 })),
  parameters: Type.Optional(Parameters),
  inputs: Type.Array(RequestInput, { minItems: 1, maxItems: 256 }),
  outputs: Type.Optional(Type.Array(RequestOutput, { maxItems: 256 })),
});
export type InferRequest = Static<typeof InferRequest>;

export const ResponseOutput = Type.Object({
  name: Type.String(),
  shape: Type.Array(Type.Integer()),
  datatype: Type.String(),
  parameters: Type.Optional(Parameters),
  /** Flat, row-major. */
  data: Type.Optional(Type.Array(Type.Unknown())),
});
export type ResponseOutput = Static<typeof ResponseOutput>;

export const InferResponse = Type.Object({
  model_name: Type.String(),
  model_version: Type.Optional(Type.String()),
  id: Type.Optional(Type.String()),
  /** `sha256` and `modelId` of the very model that answered, so that a record needs no second call. */
  parameters: Type.Optional(Parameters),
  outputs: Type.Array(ResponseOutput),
});
export type InferResponse = Static<typeof InferResponse>;

/** The body of every refusal. */
export const InferenceError = Type.Object({ error: Type.String() });
export type InferenceError = Static<typeof InferenceError>;

export const PredictRequest = Type.Object({
  signature_name: Type.Optional(Type.String()),
  instances: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 65_536 }),
});
export type PredictRequest = Static<typeof PredictRequest>;
