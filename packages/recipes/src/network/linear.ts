/**
 * Least squares with a ridge: the straight part of the network starts from its solution, so that training begins with
 * what a linear model can know, and the hidden layers learn the rest.
 */
export interface LinearFit {
  /** columns x targets. */
  readonly weights: Float32Array;
  readonly intercept: Float32Array;
}

export function fitLinear(
  z: Float32Array,
  targets: Float32Array,
  options: { columns: number; targets: number; ridge: number },
): LinearFit {
  const { columns, ridge } = options;
  const size = columns + 1;
  const rows = z.length / columns;
  const gram = new Float64Array(size * size);
  const right = new Float64Array(size * options.targets);
  const x = new Float64Array(size);
  x[columns] = 1;
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) x[i] = z[row * columns + i] as number;
    for (let i = 0; i < size; i++) {
      const value = x[i] as number;
      if (value === 0) continue;
      const base = i * size;
      for (let j = 0; j <= i; j++) gram[base + j] = (gram[base + j] as number) + value * (x[j] as number);
      for (let t = 0; t < options.targets; t++) {
        const place = i * options.targets + t;
        right[place] = (right[place] as number) + value * (targets[row * options.targets + t] as number);
      }
    }
  }
  for (let i = 0; i < columns; i++) gram[i * size + i] = (gram[i * size + i] as number) + ridge * rows;
  // The intercept stays free; a trace of ridge keeps the factor regular when there are no rows.
  gram[columns * size + columns] = (gram[columns * size + columns] as number) + 1e-6;
  const solution = solve(gram, right, { size, targets: options.targets });
  return {
    weights: Float32Array.from(solution.subarray(0, columns * options.targets)),
    intercept: Float32Array.from(solution.subarray(columns * options.targets)),
  };
}

/** rows x targets. */
export function linearForecast({ weights, intercept }: LinearFit, z: Float32Array, columns: number): Float32Array {
  const targets = intercept.length;
  const rows = z.length / columns;
  const out = new Float32Array(rows * targets);
  for (let row = 0; row < rows; row++)
    for (let t = 0; t < targets; t++) {
      let sum = intercept[t] as number;
      for (let column = 0; column < columns; column++)
        sum += (z[row * columns + column] as number) * (weights[column * targets + t] as number);
      out[row * targets + t] = sum;
    }
  return out;
}

/** Cholesky of the lower triangle, then both substitutions; `right` becomes the solution. */
function solve(lower: Float64Array, right: Float64Array, shape: { size: number; targets: number }): Float64Array {
  const { size, targets } = shape;
  for (let j = 0; j < size; j++)
    for (let i = j; i < size; i++) {
      let sum = lower[i * size + j] as number;
      for (let k = 0; k < j; k++) sum -= (lower[i * size + k] as number) * (lower[j * size + k] as number);
      lower[i * size + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / (lower[j * size + j] as number);
    }
  for (let t = 0; t < targets; t++) {
    for (let i = 0; i < size; i++) {
      let sum = right[i * targets + t] as number;
      for (let k = 0; k < i; k++) sum -= (lower[i * size + k] as number) * (right[k * targets + t] as number);
      right[i * targets + t] = sum / (lower[i * size + i] as number);
    }
    for (let i = size - 1; i >= 0; i--) {
      let sum = right[i * targets + t] as number;
      for (let k = i + 1; k < size; k++) sum -= (lower[k * size + i] as number) * (right[k * targets + t] as number);
      right[i * targets + t] = sum / (lower[i * size + i] as number);
    }
  }
  return right;
}
