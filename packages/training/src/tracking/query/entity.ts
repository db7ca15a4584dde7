import { type RawBuilder, sql } from 'kysely';

export type Sql = RawBuilder<unknown>;
export type FieldKind = 'text' | 'array' | 'number' | 'date' | 'flag';

/** A dotted path of a request, turned into SQL. Rows of the entity are called `e`. */
export interface Resolved {
  readonly kind: FieldKind;
  /** The value as `kind` says. */
  readonly value: Sql;
  /** For texts that may hold numbers: the number, or null. Orders come from it first. */
  readonly number?: Sql;
}

export interface Column {
  readonly kind: FieldKind;
  /** SQL of our own; never made from a request. */
  readonly sql: string;
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
}

/** The value at a path inside a JSONB column, as text and as number. */
export function jsonPath(column: string, segments: readonly string[]): Resolved {
  const value = sql<string>`(${sql.raw(column)} #>> ${[...segments]}::text[])`;
  return { kind: 'text', value, number: sql`tracking.as_number(${value})` };
}
