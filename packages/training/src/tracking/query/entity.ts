import { type RawBuilder, sql } from 'kysely';

export type Sql = RawBuilder<unknown>;
export type FieldKind = 'text' | 'array' | 'number' | 'date' | 'flag';

/** A dotted path of a request, turned into SQL. Rows of the entity are called `e`. */
export interface Resolved {
  readonly kind: FieldKind;
  /** The value as `kind` says; with a side table, the value in its row. */
  readonly value: Sql;
  /** What it is ordered by, the weightiest first; the value itself when left out. */
  readonly order?: readonly Sql[];
  /** Never null: its index answers an order without a word about nulls. */
  readonly required?: boolean;
  readonly side?: Side;
  /** Of a list: columns that say whether it holds a value; they stand in narrow indexes, where the list itself cannot. */
  readonly members?: Readonly<Record<string, string>>;
}

/**
 * A table that holds the field's value in at most one row for each entity; an entity without a row misses the field. All
 * text in here is constant.
 */
export interface Side {
  /** The table and its alias, as in `tracking.series s`. */
  readonly from: string;
  /** The column that holds the entity's id. */
  readonly owner: string;
  /** Which rows are of this field. */
  readonly match: Sql;
  /** That the value is one of these, by the index of the table. */
  readonly isOneOf?: (values: readonly string[]) => Sql;
}

export interface Column {
  readonly kind: FieldKind;
  /** SQL of our own; never made from a request. */
  readonly sql: string;
  readonly order?: readonly string[];
  readonly required?: boolean;
  readonly members?: Readonly<Record<string, string>>;
}

/** Fields below a top-level one: gets the segments after it. Undefined when there is no such field. */
export type Nested = (segments: readonly string[]) => Resolved | undefined;

/** A field that holds the id of another entity. */
export interface Reference {
  readonly column: string;
  readonly table: string;
  /** What may be asked of the other entity, beside its id. */
  readonly fields: readonly string[];
}

/** How one kind of entity is filtered, ordered and shown. All SQL text in here is constant. */
export interface Entity {
  readonly table: string;
  readonly columns: Readonly<Record<string, Column>>;
  readonly nested: Readonly<Record<string, Nested>>;
  readonly references: Readonly<Record<string, Reference>>;
  /** Filters by regular expression. */
  readonly patterns: readonly string[];
  /** Searched by `search_text`. */
  readonly texts: readonly string[];
  /** A system tag that hides an entity unless it is asked for. */
  readonly hiddenTag: string | undefined;
  /** Wire field to the SQL expression that yields it. */
  readonly output: Readonly<Record<string, string>>;
  /** The same for large fields when only these members are asked for. */
  readonly narrow?: Readonly<Record<string, (members: readonly string[]) => Sql>>;
}

/** The value at a path inside a JSONB column, as text. In an order numbers come before other texts. */
export function jsonPath(column: string, segments: readonly string[]): Resolved {
  const value = sql<string>`(${sql.raw(column)} #>> ${[...segments]}::text[])`;
  return {
    kind: 'text',
    value,
    order: [sql`case when ${value} is not null then coalesce(tracking.as_number(${value}), 'Infinity') end`, value],
  };
}

/** A condition on the row in the side table, asked of the entity. */
export function inSide(side: Side, condition: Sql): Sql {
  return sql`exists (select from ${sql.raw(side.from)} where ${sql.raw(side.owner)} = e.id and ${side.match} and ${condition})`;
}
