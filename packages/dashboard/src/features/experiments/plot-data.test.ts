import { describe, expect, it } from 'vitest';
import { isSeries, readPlot } from './plot-data.ts';

const read = (figure: unknown) => readPlot(JSON.stringify(figure));

describe('reading a Plotly figure', () => {
  it('reads lines, points and bars with their titles', () => {
    const plot = read({
      data: [
        { type: 'scatter', mode: 'lines+markers', name: 'a', x: [1, 2], y: [3, null] },
        { type: 'scatter', mode: 'markers', x: [1], y: [2] },
        { type: 'bar', name: 'c', x: ['p', 'q'], y: [1, 2] },
      ],
      layout: { title: { text: 'T' }, xaxis: { title: 'X' }, yaxis: { title: { text: 'Y' } } },
    });
    expect(plot).toEqual({
      kind: 'chart',
      title: 'T',
      xTitle: 'X',
      yTitle: 'Y',
      time: false,
      traces: [
        { kind: 'line', name: 'a', x: [1, 2], y: [3, null] },
        { kind: 'points', name: 'trace 2', x: [1], y: [2] },
        { kind: 'bars', name: 'c', x: ['p', 'q'], y: [1, 2] },
      ],
    });
  });

  it('reads times as seconds, and knows a series that the chart can draw', () => {
    const plot = read({ data: [{ type: 'scatter', x: ['1970-01-01T00:00:10Z', '1970-01-01T00:01:00Z'], y: [1, 2] }] });
    expect(plot).toMatchObject({ kind: 'chart', time: true, traces: [{ x: [10, 60] }] });
    expect(plot.kind === 'chart' && isSeries(plot.traces)).toBe(true);
  });

  it('reads the typed arrays of newer Plotly', () => {
    // 1.5 and -2 as little-endian float64: 00..f83f and 00..00c0.
    const bdata = btoa(String.fromCharCode(0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0));
    expect(read({ data: [{ type: 'scatter', y: { dtype: 'f8', bdata } }] })).toMatchObject({
      traces: [{ x: [0, 1], y: [1.5, -2] }],
    });
  });

  it('turns the columns of a table into rows', () => {
    const plot = read({
      data: [{ type: 'table', header: { values: [['h'], 'model'] }, cells: { values: [[1, 5], ['x']] } }],
    });
    expect(plot).toMatchObject({
      kind: 'table',
      table: {
        header: ['h', 'model'],
        rows: [
          ['1', 'x'],
          ['5', ''],
        ],
      },
    });
  });

  it('hands over what it cannot draw as the JSON it was, and text that is no JSON as it is', () => {
    expect(read({ data: [{ type: 'sankey' }] })).toMatchObject({ kind: 'other' });
    expect(readPlot('not json')).toEqual({ kind: 'other', title: '', json: 'not json' });
    expect(readPlot('null')).toMatchObject({ kind: 'other' });
  });
});
