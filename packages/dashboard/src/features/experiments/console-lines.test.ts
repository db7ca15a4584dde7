import { describe, expect, it } from 'vitest';
import { joinTail, toLines, visibleWindow } from './console-lines.ts';

const texts = (msg: string) => toLines({ timestamp: 1, msg }).map(({ text }) => text);
const event = (timestamp: number, msg: string) => ({ timestamp, msg });

describe('lines of the console', () => {
  it('splits a message into its lines without a last empty one', () => {
    expect(texts('a\n\nb\r\nc\n')).toEqual(['a', '', 'b', 'c']);
  });

  it('overwrites from the start of the line at a carriage return, as a terminal does', () => {
    expect(texts('10 %\r55 %\rdone')).toEqual(['done']);
    expect(texts('12345\rab')).toEqual(['ab345']);
  });

  it('takes colours and links out', () => {
    expect(texts('\u001b[1;31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007')).toEqual(['red link']);
  });
});

describe('the window of rows', () => {
  const rows = { count: 1_000_000, height: 20 };

  it('holds the rows in sight and the spare ones', () => {
    expect(visibleWindow({ top: 2_000, height: 400 }, rows, 5)).toEqual({ first: 95, last: 125 });
  });

  it('ends where the rows end', () => {
    expect(visibleWindow({ top: 0, height: 400 }, rows, 5)).toEqual({ first: 0, last: 25 });
    expect(visibleWindow({ top: 20_000_000, height: 400 }, rows, 5)).toEqual({ first: 999_995, last: 1_000_000 });
    expect(visibleWindow({ top: 500, height: 400 }, { count: 3, height: 20 }, 5)).toEqual({ first: 3, last: 3 });
  });
});

describe('joining the tail', () => {
  it('takes a page that begins at the last known time without doubling its lines', () => {
    const held = [event(1, 'a'), event(2, 'b'), event(2, 'c')];
    const page = [event(2, 'b'), event(2, 'c'), event(2, 'd'), event(3, 'e')];
    expect(joinTail(held, page).map(({ msg }) => msg)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('keeps all when nothing has come', () => {
    expect(joinTail([event(1, 'a')], [])).toEqual([event(1, 'a')]);
  });
});
