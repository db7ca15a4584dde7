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
  return { ...texts(search, ['project', 'status', 'q', 'sort', 'metric']), ...pageOf(search) };
}

function texts<Key extends string>(search: Record<string, unknown>, keys: readonly Key[]): { [K in Key]?: string } {
  const found: { [K in Key]?: string } = {};
  for (const key of keys) {
    const value = search[key];
    if ((typeof value === 'string' || typeof value === 'number') && `${value}`.length <= 500 && value !== '')
      found[key] = `${value}`;
  }
  return found;
}

function pageOf(search: Record<string, unknown>): { page?: number } {
  const page = Number(search['page']);
  return Number.isInteger(page) && page > 0 && page < 1e6 ? { page } : {};
}

export interface FleetSearch {
  queue?: string;
  /** The key of a worker: names are only unique for a user. */
  worker?: string;
  hours?: number;
}

export function readFleetSearch(search: Record<string, unknown>): FleetSearch {
  const hours = Number(search['hours']);
  return { ...texts(search, ['queue', 'worker']), ...([1, 6, 24, 168].includes(hours) ? { hours } : {}) };
}

export interface ModelsSearch {
  project?: string;
  framework?: string;
  tag?: string;
  /** `ready`, `draft` or `archived`. */
  state?: string;
  q?: string;
  /** A field of models.get_all_ex, `-` in front for descending. */
  sort?: string;
  page?: number;
}

export const readModelsSearch = (search: Record<string, unknown>): ModelsSearch => ({
  ...texts(search, ['project', 'framework', 'tag', 'state', 'q', 'sort']),
  ...pageOf(search),
});

export interface DatasetsSearch {
  q?: string;
  sort?: string;
}

export const readDatasetsSearch = (search: Record<string, unknown>): DatasetsSearch => texts(search, ['q', 'sort']);

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
