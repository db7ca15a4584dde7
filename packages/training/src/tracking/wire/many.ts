import type { ManyResult } from '@ranloop/contracts/tracking';
import { asApiError } from './errors.ts';

/** Does one thing for each id: a refusal of one does not keep the others from it. A fault of the server ends the call. */
export async function many<Item extends object>(
  ids: readonly string[],
  run: (id: string) => Promise<Item>,
): Promise<ManyResult<Item>> {
  const result: ManyResult<Item> = { succeeded: [], failed: [] };
  for (const id of new Set(ids)) {
    try {
      result.succeeded.push({ ...(await run(id)), id });
    } catch (thrown) {
      const error = asApiError(thrown);
      if (error.code >= 500) throw thrown;
      result.failed.push({
        id,
        error: { codes: [error.code, error.subcode], msg: error.message, data: { ...error.details } },
      });
    }
  }
  return result;
}
