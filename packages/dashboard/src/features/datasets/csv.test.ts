import { describe, expect, it } from 'vitest';
import { numbersOf, readCsv } from './csv.ts';

describe('a table as RFC 4180 has it', () => {
  it('is read with quotes, commas and line ends inside of fields', () => {
    const text = 'time,object\r\n1,"a,b"\r\n2,"say ""x""\nagain"\r\n';
    expect(readCsv(text, 10)).toEqual({
      head: ['time', 'object'],
      rows: [
        ['1', 'a,b'],
        ['2', 'say "x"\nagain'],
      ],
      more: false,
    });
  });

  it('is read no further than asked', () => {
    const { rows, more } = readCsv('a\n1\n2\n3\n', 2);
    expect(rows).toEqual([['1'], ['2']]);
    expect(more).toBe(true);
  });

  it('is read to its end when a quote is never closed', () => {
    expect(readCsv('a,b\n"x,1', 10).rows).toEqual([['x,1']]);
  });
});

describe('a column', () => {
  const rows = [
    ['1.5', '01000001', 'x'],
    ['', '02000001', '2'],
    ['-3', '03000001', '3'],
  ];
  it('of numbers leaves empty fields out', () => expect(numbersOf(rows, 0)).toEqual([1.5, -3]));
  it('of codes or words is none of numbers', () => {
    expect(numbersOf(rows, 1)).toBeUndefined();
    expect(numbersOf(rows, 2)).toBeUndefined();
    expect(numbersOf(rows, 7)).toBeUndefined();
  });
});
