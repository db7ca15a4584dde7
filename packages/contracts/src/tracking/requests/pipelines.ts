import Type, { type Static } from 'typebox';
import { Id, Ids } from '../common.ts';

export const PipelinesStart = Type.Object({
  task: Id,
  queue: Type.Optional(Type.String()),
  args: Type.Optional(
    Type.Array(Type.Object({ name: Type.String({ minLength: 1 }), value: Type.Optional(Type.Unknown()) }), {
      maxItems: 10_000,
    }),
  ),
  verify_watched_queue: Type.Optional(Type.Boolean()),
});
export type PipelinesStart = Static<typeof PipelinesStart>;
export const PipelinesDeleteRuns = Type.Object({ project: Id, ids: Ids });
