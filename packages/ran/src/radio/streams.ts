/**
 * Seeded chance without state: draw number `index` of a stream is a hash of the two. So what is drawn does not depend on
 * what was drawn before, a run can begin on any day, and runs with one seed see one world whatever the policy does.
 */
export type Stream = number;

/** The stream of one cause; causes that differ in any part give independent streams. */
export function streamOf(seed: number, ...cause: readonly (string | number)[]): Stream {
  let hash = mix((seed >>> 0) ^ 0x2545f491);
  for (const part of cause) {
    if (typeof part === 'number') hash = mix(hash ^ Math.imul(part + 1, 0x9e3779b1));
    else for (let i = 0; i < part.length; i++) hash = mix(hash ^ Math.imul(part.charCodeAt(i) + 1, 0x85ebca6b));
    hash = mix(hash + 0x51ed270b);
  }
  return hash >>> 0;
}

/** Even on [0, 1). */
export function uniform(stream: Stream, index: number): number {
  // The stream enters twice: once alone would let two streams be shifted copies of one another.
  return (mix(mix(stream ^ Math.imul(index, 0x9e3779b1)) + stream) >>> 0) / 4_294_967_296;
}

export function between(stream: Stream, index: number, range: readonly [number, number]): number {
  return range[0] + uniform(stream, index) * (range[1] - range[0]);
}

/** Mean 0, deviation 1 (Box and Muller). */
export function normal(stream: Stream, index: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(stream, 2 * index)));
  return radius * Math.cos(2 * Math.PI * uniform(stream, 2 * index + 1));
}

function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return hash ^ (hash >>> 16);
}
