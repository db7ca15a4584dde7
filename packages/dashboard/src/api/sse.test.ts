import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSseParser } from './sse.ts';

const STREAM =
  ': open\n\nid: 7\nevent: state\ndata: {"a":1}\n\nid: 8\r\ndata: first\r\ndata: second\r\n\r\ndata\n\nevent: lost\n\n';
const EVENTS = [
  { id: '7', event: 'state', data: '{"a":1}' },
  { id: '8', event: 'message', data: 'first\nsecond' },
  { id: '8', event: 'message', data: '' },
];

describe('the parser of event streams', () => {
  it('reads names, ids and lines of data, and skips comments and events without data', () => {
    expect(createSseParser().push(STREAM)).toEqual(EVENTS);
  });

  it('answers the same wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: STREAM.length }), { maxLength: 12 }), (cuts) => {
        const parser = createSseParser();
        const places = [0, ...[...cuts].sort((a, b) => a - b), STREAM.length];
        const found = places.slice(1).flatMap((end, at) => parser.push(STREAM.slice(places[at], end)));
        expect(found).toEqual(EVENTS);
      }),
    );
  });

  it('goes on from the id that it was given until it reads another', () => {
    const parser = createSseParser('41');
    parser.push('data: x\n\n');
    expect(parser.lastEventId).toBe('41');
    parser.push('id: 42\ndata: y\n\n');
    expect(parser.lastEventId).toBe('42');
  });
});
