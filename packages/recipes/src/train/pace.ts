import type { TrainingOptions } from '../network/index.ts';

/** Rows that training may look at in all, repeats counted: some 8 s of one core with 64-32 hidden units. */
const ROW_BUDGET = 400_000;
const EPOCHS = { least: 9, most: 60 };
const LEAST_BATCH = 32;
const STEPS_OF_AN_EPOCH = 10;

/** Epochs, batch and patience for a number of training rows: few rows are seen more often, and in smaller steps. */
export function paceFor(
  rows: number,
  params: { epochs: number; batch: number; patience: number },
): Pick<TrainingOptions, 'epochs' | 'batch' | 'patience'> {
  const afforded = Math.min(EPOCHS.most, Math.max(EPOCHS.least, Math.round(ROW_BUDGET / Math.max(1, rows))));
  const epochs = params.epochs > 0 ? params.epochs : afforded;
  return {
    epochs,
    batch: Math.min(params.batch, Math.max(LEAST_BATCH, Math.floor(rows / STEPS_OF_AN_EPOCH))),
    patience: params.patience > 0 ? params.patience : Math.max(5, Math.ceil(epochs / 3)),
  };
}
