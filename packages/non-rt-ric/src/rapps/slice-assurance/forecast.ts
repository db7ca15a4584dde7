import { asRanloopError } from '@ranloop/contracts/errors';
import {
  cardFromMetadata,
  type ModelCard,
  outputColumn,
  SLICE_DEMAND_SCHEMA,
  sliceDemandCount,
} from '@ranloop/sdk/features';
import type { InferenceClient } from '@ranloop/sdk/r1';

export interface ModelInUse {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly modelId: string;
  readonly card: ModelCard;
}

export interface Forecasts {
  readonly model: ModelInUse;
  /** By row: median and upper quantile, PRB, as the model gives them. */
  readonly p50: Float64Array;
  readonly p90: Float64Array;
}

export interface Forecaster {
  /** Looks the model up; undefined when there is none that can be used, and `reason` then says why. */
  look(): Promise<ModelInUse | undefined>;
  readonly model: ModelInUse | undefined;
  readonly reason: string;
  /** One call for all rows (rows x features); undefined without a model. */
  forecast(features: Float32Array, rows: number): Promise<Forecasts | undefined>;
}

interface ForecasterOptions {
  readonly model: { readonly name: string; readonly version?: string };
  readonly quantile: number;
  readonly horizon: number;
  readonly signal: AbortSignal;
}

/** A model that is served can be exchanged at any time: what answered is asked for again when its digest is another. */
const MOST_EXCHANGES = 2;

export function createForecaster(client: InferenceClient, options: ForecasterOptions): Forecaster {
  const { quantile, horizon, signal } = options;
  let model: (ModelInUse & { input: string; output: string }) | undefined;
  let reason = 'no model was looked for yet';

  async function look(): Promise<typeof model> {
    try {
      const metadata = await client.metadata(options.model);
      const card = cardFromMetadata(metadata.parameters);
      const problem = unfit(card, horizon, quantile);
      const [input, output] = [metadata.inputs[0]?.name, metadata.outputs[0]?.name];
      if (problem || input === undefined || output === undefined) {
        model = undefined;
        reason = `model ${options.model.name} cannot be used: ${problem ?? 'it has no input or no output'}`;
        return undefined;
      }
      model = {
        name: metadata.name,
        version: options.model.version ?? metadata.versions?.at(-1) ?? '',
        sha256: metadata.parameters?.['sha256'] ?? '',
        modelId: metadata.parameters?.['modelId'] ?? card.modelId ?? '',
        card,
        input,
        output,
      };
      reason = '';
    } catch (error) {
      const { code, message } = asRanloopError(error);
      model = undefined;
      reason =
        code === 'RL_NOT_FOUND'
          ? `no model ${options.model.name} is deployed to the inference host`
          : `model ${options.model.name}: ${message}`;
    }
    return model;
  }

  return {
    look,
    get model() {
      return model;
    },
    get reason() {
      return reason;
    },
    async forecast(features, rows) {
      for (let exchange = 0; exchange < MOST_EXCHANGES; exchange++) {
        const used = model ?? (await look());
        if (!used) return undefined;
        try {
          const input = { name: used.input, shape: [rows, sliceDemandCount], data: features };
          const answer = await client.infer(options.model, [input], { signal });
          if (answer.sha256 !== undefined && answer.sha256 !== used.sha256) {
            model = undefined;
            continue;
          }
          const values = answer.outputs.get(used.output)?.data;
          const width = used.card.horizons.length * used.card.quantiles.length;
          if (!values || values.length !== rows * width || !values.every(Number.isFinite)) {
            model = undefined;
            reason = `model ${used.name} answered ${values?.length ?? 0} values for ${rows} rows of ${width}, or none that are finite`;
            return undefined;
          }
          const column = (q: number) => {
            const at = outputColumn(used.card, horizon, q);
            return Float64Array.from({ length: rows }, (_, row) => values[row * width + at] ?? Number.NaN);
          };
          return { model: used, p50: column(0.5), p90: column(quantile) };
        } catch (error) {
          if (signal.aborted) throw error;
          model = undefined;
          reason = `model ${used.name}: ${asRanloopError(error).message}`;
        }
      }
      return undefined;
    },
  };
}

function unfit(card: ModelCard, horizon: number, quantile: number): string | undefined {
  if (card.featureSchema !== SLICE_DEMAND_SCHEMA)
    return `it takes features of schema ${card.featureSchema}, not ${SLICE_DEMAND_SCHEMA}`;
  if (card.featureCount !== sliceDemandCount)
    return `it takes ${card.featureCount} features, the schema has ${sliceDemandCount}`;
  if (outputColumn(card, horizon, quantile) < 0)
    return `it does not forecast quantile ${quantile} at horizon ${horizon}`;
  if (outputColumn(card, horizon, 0.5) < 0) return `it does not forecast the median at horizon ${horizon}`;
  return undefined;
}
