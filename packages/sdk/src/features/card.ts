import { RanloopError } from '@ranloop/contracts/errors';
import { checker } from '@ranloop/contracts/schema';
import Type, { type Static } from 'typebox';
import { FeatureHistogram } from './drift.ts';

const Short = Type.String({ maxLength: 256 });

/**
 * What a forecasting model says about itself. It travels inside the ONNX file (metadata_props, key CARD_KEY, JSON text)
 * and comes back as `parameters` of the model metadata of the inference host.
 */
export const ModelCard = Type.Object({
  /** `slice-demand-1` or `series-1`: who calls the model must build exactly these features. */
  featureSchema: Type.String({ minLength: 1, maxLength: 256 }),
  featureCount: Type.Integer({ minimum: 1, maximum: 100_000 }),
  /** Periods (or samples) ahead. */
  horizons: Type.Array(Type.Integer({ minimum: 1, maximum: 100_000 }), { minItems: 1, maxItems: 100 }),
  quantiles: Type.Array(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }), { minItems: 1, maxItems: 20 }),
  /** Output column of horizon h and quantile q: h * quantiles.length + q. */
  outputLayout: Type.Literal('horizon-major'),
  outputUnit: Short,
  /** For each S-NSSAI ("*": all others) and horizon: added to the highest quantile, learned from calibration error. */
  margins: Type.Record(Type.String(), Type.Array(Type.Number())),
  /** How the model treats the natural units of the features, e.g. that its first layer standardizes them. */
  normalisation: Type.String({ maxLength: 2_000 }),
  datasetId: Short,
  taskId: Short,
  modelId: Type.Optional(Short),
  /** Pinball loss of the highest quantile on the test days, for each horizon. */
  testPinball: Type.Optional(Type.Array(Type.Number())),
  /** Where the training values of some features lay, to notice other inputs. */
  inputs: Type.Optional(Type.Array(FeatureHistogram, { maxItems: 100 })),
});
export type ModelCard = Static<typeof ModelCard>;

export const CARD_KEY = 'ranloop.card';

const checkCard = checker(ModelCard);

/** `metadata_props` for the exporter. */
export function cardToMetadata(card: ModelCard): Record<string, string> {
  return { [CARD_KEY]: JSON.stringify(checkCard(card, 'model card')) };
}

/** Reads the card from metadata_props or from `parameters` of the inference host; throws RL_INVALID or RL_NOT_FOUND. */
export function cardFromMetadata(parameters: unknown): ModelCard {
  const text = (parameters as Record<string, unknown> | null | undefined)?.[CARD_KEY];
  if (text === undefined) throw new RanloopError('RL_NOT_FOUND', `the model carries no ${CARD_KEY} in its metadata`);
  if (typeof text !== 'string') return checkCard(text, 'model card');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RanloopError('RL_INVALID', `${CARD_KEY} is not JSON`, { cause: error });
  }
  return checkCard(value, 'model card');
}

/** Column of a horizon and a quantile in the output; -1 when the model does not give it. */
export function outputColumn(card: ModelCard, horizon: number, quantile: number): number {
  const h = card.horizons.indexOf(horizon);
  const q = card.quantiles.findIndex((value) => Math.abs(value - quantile) < 1e-9);
  return h < 0 || q < 0 ? -1 : h * card.quantiles.length + q;
}

/** The calibration margin of a slice at a horizon; 0 when the card has none. */
export function marginOf(card: ModelCard, snssai: string, horizon: number): number {
  const margins = card.margins[snssai] ?? card.margins['*'];
  return margins?.[card.horizons.indexOf(horizon)] ?? 0;
}
