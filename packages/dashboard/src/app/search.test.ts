import { describe, expect, it } from 'vitest';
import { readExperimentsSearch, readRanSearch } from './search.ts';

describe('what an address says', () => {
  it('keeps what it knows and drops the rest', () => {
    const search = { q: 'train', page: 2, sort: '-name', project: '', page_size: 9, metric: ['x'] };
    expect(readExperimentsSearch(search)).toEqual({ q: 'train', page: 2, sort: '-name' });
  });

  it('drops pages and ranges that cannot be', () => {
    for (const page of [-1, 0, 1.5, 'x', 1e9]) expect(readExperimentsSearch({ page })).toEqual({});
    expect(readRanSearch({ hours: 7, twin: 'yes', cell: 'gnb-1/3' })).toEqual({ cell: 'gnb-1/3' });
  });
});
