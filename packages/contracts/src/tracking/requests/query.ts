import Type, { type Static } from 'typebox';

/** `pattern`: a case-insensitive regular expression on any (or all) of the fields. `datetime`: comparisons such as ">2026-01-01". */
export const MultiFieldPattern = Type.Object({
  fields: Type.Array(Type.String({ maxLength: 1_000 }), { maxItems: 50 }),
  pattern: Type.Optional(Type.String()),
  datetime: Type.Optional(Type.Union([Type.String(), Type.Array(Type.Union([Type.String(), Type.Null()]))])),
});

const strings = Type.Optional(
  Type.Union([Type.String(), Type.Array(Type.String({ maxLength: 1_000 }), { maxItems: 500 })]),
);
const patterns = Type.Optional(Type.Union([MultiFieldPattern, Type.Array(MultiFieldPattern, { maxItems: 20 })]));
const flag = Type.Optional(Type.Boolean());

/** What every get_all and get_all_ex understands; the filters by field name come beside these. */
export const Query = Type.Object({
  page: Type.Optional(Type.Integer({ minimum: 0 })),
  page_size: Type.Optional(Type.Integer({ minimum: 1 })),
  size: Type.Optional(Type.Integer({ minimum: 1 })),
  scroll_id: Type.Optional(Type.String()),
  refresh_scroll: flag,
  order_by: strings,
  only_fields: strings,
  search_text: Type.Optional(Type.String()),
  search_hidden: flag,
  allow_public: flag,
  _any_: patterns,
  _or_: patterns,
  _all_: patterns,
  _and_: patterns,
  filters: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type Query = Static<typeof Query> & Record<string, unknown>;
