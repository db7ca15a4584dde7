import { RanloopError } from '@ranloop/contracts/errors';

/** SCTP keeps message boundaries; over a byte stream each message stands behind its length, 4 octets, big-endian. */
export const FRAME_HEADER = 4;
const DEFAULT_LIMIT = 1024 * 1024;

export function frame(payload: Uint8Array): Uint8Array {
  const framed = new Uint8Array(FRAME_HEADER + payload.length);
  new DataView(framed.buffer).setUint32(0, payload.length);
  framed.set(payload, FRAME_HEADER);
  return framed;
}

export interface FrameReader {
  /**
   * Takes the next bytes of the stream and hands over each payload that is now complete, in order. Throws RL_MALFORMED
   * at an empty frame and RL_TOO_LARGE at a frame over the limit, after the payloads before it were handed over; the
   * stream cannot be read on after that.
   */
  push(chunk: Uint8Array, take: (payload: Uint8Array) => void): void;
  /** Bytes held of a frame that is not complete; never more than the limit and the header. */
  readonly held: number;
}

/** Memory is bounded: a frame is refused at its header, before its payload is kept. */
export function createFrameReader({ limit = DEFAULT_LIMIT }: { limit?: number } = {}): FrameReader {
  const header = new Uint8Array(FRAME_HEADER);
  let headerHeld = 0;
  let payload: Uint8Array | undefined;
  let payloadHeld = 0;
  let broken: RanloopError | undefined;

  const begin = () => {
    const length = new DataView(header.buffer).getUint32(0);
    if (length === 0) broken = new RanloopError('RL_MALFORMED', 'a frame without payload');
    else if (length > limit)
      broken = new RanloopError('RL_TOO_LARGE', `a frame of ${length} bytes; at most ${limit} are read`);
    if (broken) throw broken;
    // A peer that only announces a large frame must not make us hold it: the buffer grows with what arrives.
    payload = new Uint8Array(Math.min(length, 4096));
    payloadHeld = 0;
    return length;
  };

  let expected = 0;
  return {
    get held() {
      return headerHeld + payloadHeld;
    },
    push(chunk, take) {
      if (broken) throw broken;
      let at = 0;
      while (at < chunk.length) {
        if (headerHeld < FRAME_HEADER) {
          header[headerHeld++] = chunk[at++] ?? 0;
          if (headerHeld === FRAME_HEADER) expected = begin();
          continue;
        }
        const part = chunk.subarray(at, at + expected - payloadHeld);
        payload = withRoom(payload ?? new Uint8Array(0), payloadHeld + part.length, expected);
        payload.set(part, payloadHeld);
        payloadHeld += part.length;
        at += part.length;
        if (payloadHeld < expected) continue;
        const whole = payload.subarray(0, expected);
        headerHeld = 0;
        payloadHeld = 0;
        payload = undefined;
        take(whole);
      }
    },
  };
}

function withRoom(buffer: Uint8Array, needed: number, expected: number): Uint8Array {
  if (buffer.length >= needed) return buffer;
  const grown = new Uint8Array(Math.min(expected, Math.max(needed, 2 * buffer.length)));
  grown.set(buffer);
  return grown;
}
