import type { Query } from '@ranloop/contracts/tracking';
import { sql } from 'kysely';
import { ApiError } from '../wire/errors.ts';
import { resolveField } from './compile.ts';
import type { Entity, Resolved, Side, Sql } from './entity.ts';

/** In which order the entities come; the id makes it total. */
export interface Order {
  readonly by: Sql;
  /**
   * When the first field is kept in a side table: the order of the entities that have a row there, as keys of that row, so
   * that its index yields them in order. Those without a row come after them.
   */
  readonly driven?: { readonly side: Side; readonly by: Sql; readonly rest: Sql };
}

const MOST_ORDERS = 10;

/** `[field, -field]`; what is missing comes last either way. */
export function compileOrder(entity: Entity, request: Query): Order {
  const given = request.order_by ?? [];
  const entries = (Array.isArray(given) ? given : [given]).filter((field) => field !== '' && field !== '-');
  if (entries.length > MOST_ORDERS) throw new ApiError('badValue', { field: 'order_by' }, `more than ${MOST_ORDERS}`);
  const fields = entries.flatMap((entry) => {
    const path = entry.replace(/^[-+]/, '');
    if (path === '@text_score') {
      if (!request.search_text)
        throw new ApiError('badValue', { field: 'order_by' }, '@text_score goes with search_text');
      return [];
    }
    // Names that no entity has occur in saved tables of user interfaces; they order nothing.
    const field = resolveField(entity, path);
    return field ? [{ field, descending: entry.startsWith('-') }] : [];
  });
  // In the direction of the first field, so that one index read backwards serves both.
  const last = sql.raw(fields[0]?.descending ? 'e.id desc' : 'e.id');
  const parts = fields.map(({ field, descending }) => keys(field, descending, field.side && scalarOf(field.side)));
  const by = sql.join([...parts.flat(), last], sql`, `);
  const [first] = fields;
  const side = first?.field.side;
  if (!first || !side) return { by };
  const rest = [...parts.slice(1).flat(), last];
  const own = keys({ ...first.field, required: true }, first.descending);
  return { by, driven: { side, by: sql.join([...own, ...rest], sql`, `), rest: sql.join(rest, sql`, `) } };
}

/** Only without a word about nulls does an index serve both directions. */
function keys({ order, value, required }: Resolved, descending: boolean, of?: (key: Sql) => Sql): Sql[] {
  const direction = sql.raw(`${descending ? 'desc' : 'asc'}${required ? '' : ' nulls last'}`);
  const own = order?.length ? order : [value];
  return own.map((key) => sql`${of ? of(key) : key} ${direction}`);
}

const scalarOf = (side: Side) => (key: Sql) =>
  sql`(select ${key} from ${sql.raw(side.from)} where ${sql.raw(side.owner)} = e.id and ${side.match})`;
