/** Element access without the undefined that the checker assumes; indices here come from loops over known lengths. */
export function at(array: Float64Array, index: number): number {
  return array[index] as number;
}

export function add(array: Float64Array, index: number, amount: number): void {
  array[index] = (array[index] as number) + amount;
}
