import { checker } from '@ranloop/contracts/schema';
import type { BlobStore } from '@ranloop/kit/blobs';
import Type from 'typebox';
import { cleanKey } from './keys.ts';

const check = checker(Type.Object({ files: Type.Array(Type.String({ maxLength: 8_192 }), { maxItems: 10_000 }) }));

interface Deleted {
  deleted: Record<string, string>;
  errors: Record<string, string[]>;
}

/** Deletes files that are named by path or by URL; each one succeeds or fails by itself. */
export async function deleteMany(blobs: BlobStore, body: unknown): Promise<Deleted> {
  const deleted = new Map<string, string>();
  const errors = new Map<string, string[]>();
  for (const given of check(body, 'body').files) {
    const reason = await deleteOne(blobs, given).catch(() => 'Invalid path');
    if (reason === undefined) deleted.set(given, given);
    else errors.set(reason, [...(errors.get(reason) ?? []), given]);
  }
  return { deleted: Object.fromEntries(deleted), errors: Object.fromEntries(errors) };
}

async function deleteOne(blobs: BlobStore, given: string): Promise<string | undefined> {
  const path = decodeURIComponent(given.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, ''));
  return (await blobs.remove(cleanKey(path))) ? undefined : 'Not found';
}
