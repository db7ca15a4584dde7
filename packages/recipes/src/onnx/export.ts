import type { onnx } from 'onnx-proto';
// A CommonJS bundle: its names are found only through the default import.
import proto from 'onnx-proto';
import { cumulative, firstQuantile, type Network } from '../network/index.ts';
import { INPUT, OUTPUT } from './tensors.ts';

const FLOAT = 1;
const BOOL = 9;
/** The first opset in which every operator used here has its present form. */
const OPSET = 17;
const IR_VERSION = 8;

/**
 * Writes a network as an ONNX file: input `features` [batch, columns] of raw features, output `forecast`
 * [batch, horizons * quantiles]. All steps of the network's formula are inside the graph.
 */
export function exportOnnx(network: Network, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const graph = graphOf(network);
  const model = proto.onnx.ModelProto.create({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET }],
    producerName: 'ranloop',
    producerVersion: '0.1.0',
    graph,
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  return proto.onnx.ModelProto.encode(model).finish();
}

function graphOf(network: Network): onnx.IGraphProto {
  const { columns, target } = network;
  const outputs = network.horizons * network.quantiles;
  const build = createBuilder();
  const scalar = (name: string, value: number) => build.constant(name, [], Float32Array.of(value));
  const [zero, one] = [scalar('zero', 0), scalar('one', 1)];

  const positive = build.node('Max', [INPUT, zero]);
  const logarithm = build.node('Log', [build.node('Add', [positive, one])]);
  const u = build.node('Where', [build.flags('log_columns', network.logColumns), logarithm, INPUT]);
  const centred = build.node('Sub', [u, build.constant('mean', [columns], network.mean)]);
  const scaled = build.node('Mul', [centred, build.constant('scale', [columns], network.scale)]);
  const z = build.node('Clip', [scaled, scalar('z_low', -network.limit), scalar('z_high', network.limit)]);

  const dense = (layer: Network['output'], input: string, name: string) =>
    build.node('Gemm', [
      input,
      build.constant(`${name}_weights`, [layer.inputs, layer.outputs], layer.weights),
      build.constant(`${name}_bias`, [layer.outputs], layer.bias),
    ]);
  let h = z;
  network.hidden.forEach((layer, index) => {
    h = build.node('Relu', [dense(layer, h, `hidden_${index}`)]);
  });
  const straight = build.node('MatMul', [z, build.constant('straight', [columns, outputs], network.straight)]);
  const o = build.node('Add', [dense(network.output, h, 'output'), straight]);

  const first = build.constant('first', [outputs], firstQuantile(network));
  const further = build.constant(
    'further',
    [outputs],
    firstQuantile(network).map((flag) => 1 - flag),
  );
  const steps = build.node('Add', [
    build.node('Mul', [o, first]),
    build.node('Mul', [build.node('Softplus', [o]), further]),
  ]);
  const sums = build.node('MatMul', [steps, build.constant('cumulative', [outputs, outputs], cumulative(network))]);
  const shifted = build.node('Add', [
    build.node('Mul', [sums, scalar('target_deviation', target.deviation)]),
    scalar('target_mean', target.mean),
  ]);
  const bounds = [scalar('lowest', target.lowest), scalar('highest', target.highest)];
  if (target.log) {
    const r = build.node('Clip', [shifted, ...bounds]);
    build.node('Sub', [build.node('Exp', [r]), one], OUTPUT);
  } else build.node('Clip', [shifted, ...bounds], OUTPUT);

  return {
    name: 'forecast',
    node: build.nodes,
    initializer: build.initializers,
    input: [valueInfo(INPUT, columns)],
    output: [valueInfo(OUTPUT, outputs)],
  };
}

function createBuilder() {
  const nodes: onnx.INodeProto[] = [];
  const initializers: onnx.ITensorProto[] = [];
  const add = (tensor: onnx.ITensorProto & { name: string }) => {
    initializers.push(tensor);
    return tensor.name;
  };
  return {
    nodes,
    initializers,
    constant: (name: string, dims: readonly number[], values: Float32Array) =>
      add({ name, dims: [...dims], dataType: FLOAT, rawData: littleEndian(values) }),
    flags: (name: string, values: Uint8Array) =>
      add({ name, dims: [values.length], dataType: BOOL, rawData: values.slice() }),
    node(opType: string, input: readonly string[], output = `${opType.toLowerCase()}_${nodes.length}`): string {
      nodes.push({ opType, name: `n${nodes.length}`, input: [...input], output: [output] });
      return output;
    },
  };
}

/** ONNX raw data is little-endian whatever the machine. */
function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < values.length; at++) view.setFloat32(at * 4, values[at] as number, true);
  return bytes;
}

function valueInfo(name: string, columns: number): onnx.IValueInfoProto {
  const shape = { dim: [{ dimParam: 'batch' }, { dimValue: columns }] };
  return { name, type: { tensorType: { elemType: FLOAT, shape } } };
}
