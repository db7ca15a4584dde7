/** The place to which a key moves the entry at `at`; undefined when it does not move it. */
export function placeOf(key: string, at: number, count: number): number | undefined {
  const wanted = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: count - 1 }[key];
  if (wanted === undefined || wanted === at || wanted < 0 || wanted >= count) return undefined;
  return wanted;
}
