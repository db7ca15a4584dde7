import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFrameReader, frame } from './index.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
function read(reader: ReturnType<typeof createFrameReader>, chunk: Uint8Array): number[][] {
  const payloads: number[][] = [];
  reader.push(chunk, (payload) => payloads.push([...payload]));
  return payloads;
}

test('a frame is its length in four octets, big-endian, and the payload', () => {
  expect([...frame(bytes(0xca, 0xfe))]).toEqual([0, 0, 0, 2, 0xca, 0xfe]);
  expect([...frame(new Uint8Array(300)).subarray(0, 4)]).toEqual([0, 0, 1, 44]);
});

test('a frame that arrives one byte at a time is handed over with its last byte', () => {
  const reader = createFrameReader();
  const stream = [0, 0, 0, 3, 1, 2, 3];
  const seen = stream.map((byte) => read(reader, bytes(byte)));
  expect(seen).toEqual([[], [], [], [], [], [], [[1, 2, 3]]]);
  expect(reader.held).toBe(0);
});

test('two frames and the head of a third in one chunk', () => {
  const reader = createFrameReader();
  expect(read(reader, bytes(0, 0, 0, 1, 7, 0, 0, 0, 2, 8, 9, 0, 0))).toEqual([[7], [8, 9]]);
  expect(reader.held).toBe(2);
  expect(read(reader, bytes(0, 1, 5))).toEqual([[5]]);
});

test('a frame over the limit is refused at its header, after the frames before it', () => {
  const reader = createFrameReader({ limit: 4 });
  const payloads: number[][] = [];
  const push = () => reader.push(bytes(0, 0, 0, 1, 7, 0, 0, 0, 5), (payload) => payloads.push([...payload]));
  expect(push).toThrow(expect.objectContaining({ code: 'RL_TOO_LARGE' }));
  expect(payloads).toEqual([[7]]);
  expect(() => read(reader, bytes(1))).toThrow(expect.objectContaining({ code: 'RL_TOO_LARGE' }));
});

test('an empty frame is refused', () => {
  expect(() => read(createFrameReader(), bytes(0, 0, 0, 0))).toThrow(expect.objectContaining({ code: 'RL_MALFORMED' }));
});

test('an announced length does not make the reader hold memory that did not arrive', () => {
  const reader = createFrameReader({ limit: 1_000_000 });
  read(reader, bytes(0, 0x0f, 0x42, 0x40, 1, 2));
  expect(reader.held).toBe(6);
});

test('any payloads, cut anywhere, come out as they went in', () => {
  const payload = fc.uint8Array({ minLength: 1, maxLength: 9_000 });
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 6 }), fc.array(fc.nat(5_000), { maxLength: 12 }), (payloads, cuts) => {
      const stream = Uint8Array.from(payloads.flatMap((item) => [...frame(item)]));
      const reader = createFrameReader({ limit: 9_000 });
      const seen: number[][] = [];
      let at = 0;
      for (const cut of [...cuts, stream.length]) {
        const chunk = stream.slice(at, at + cut);
        at += chunk.length;
        seen.push(...read(reader, chunk));
        // The buffer of the caller is its own: what was read must not change with it.
        chunk.fill(0);
      }
      expect(seen).toEqual(payloads.map((item) => [...item]));
      expect(reader.held).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('rubbish never does more than throw a coded error, and never holds more than the limit', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
      const reader = createFrameReader({ limit: 32 });
      for (const chunk of chunks) {
        try {
          read(reader, chunk);
        } catch (error) {
          expect(['RL_MALFORMED', 'RL_TOO_LARGE']).toContain((error as { code: string }).code);
        }
        expect(reader.held).toBeLessThanOrEqual(36);
      }
    }),
  );
});
