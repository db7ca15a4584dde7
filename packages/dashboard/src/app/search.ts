export interface ExperimentsSearch {
  project?: string;
  status?: string;
  q?: string;
  /** A field of tasks.get_all_ex, `-` in front for descending. */
  sort?: string;
  page?: number;
  /** `metric/variant` shown in the last column. */
  metric?: string;
}

/** What a URL may say of the table of experiments; anything else is dropped, so old and mistyped links still open. */
export function readExperimentsSearch(search: Record<string, unknown>): ExperimentsSearch {
  const found: ExperimentsSearch = {};
  for (const key of ['project', 'status', 'q', 'sort', 'metric'] as const) {
    const value = search[key];
    if ((typeof value === 'string' || typeof value === 'number') && `${value}`.length <= 500 && value !== '')
      found[key] = `${value}`;
  }
  const page = Number(search['page']);
  if (Number.isInteger(page) && page > 0 && page < 1e6) found.page = page;
  return found;
}

export interface RanSearch {
  /** `gnb-1/3` */
  cell?: string;
  hours?: number;
  twin?: boolean;
}

export function readRanSearch(search: Record<string, unknown>): RanSearch {
  const { cell, hours, twin } = search;
  return {
    ...(typeof cell === 'string' && cell.length <= 300 ? { cell } : {}),
    ...(hours === 1 || hours === 6 || hours === 24 ? { hours } : {}),
    ...(twin === true ? { twin } : {}),
  };
}
