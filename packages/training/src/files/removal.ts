import type { BlobStore } from '@ranloop/kit/blobs';
import { decodePath, keysOf } from './keys.ts';

/** Deletes files by the URLs that others keep of them, for a room that knows when nobody needs them any more. */
export interface FileRemoval {
  /** The path that a URL names on this server, as it is written; undefined when it lies elsewhere or names nothing. */
  pathOf(url: string): string | undefined;
  /** The URLs by which clients may refer to that file: under each address, plain and percent-encoded. */
  urlsOf(path: string): string[];
  /** Removes one file, never a folder, unless it was written later than `writtenBefore`. */
  remove(path: string, options?: { writtenBefore?: Date }): Promise<'removed' | 'nothing'>;
}

export function createRemoval(addresses: readonly string[], blobs: BlobStore): FileRemoval {
  const prefixes = addresses.map((address) => `${address.replace(/\/+$/, '')}/`);
  return {
    pathOf(url) {
      const prefix = prefixes.find((one) => startsWith(url, one));
      const path = prefix === undefined ? '' : url.slice(prefix.length).replace(/[?#].*$/s, '');
      return /^[./]*$/.test(decodePath(path)) || !isPath(path) ? undefined : path;
    },
    urlsOf(path) {
      const forms = new Set([path, ...keysOf(path).flatMap((key) => [key, encodeURI(key), quoted(key)])]);
      return prefixes.flatMap((prefix) => [...forms].map((form) => prefix + form));
    },
    async remove(path, options = {}) {
      for (const key of keysOf(path)) if (await blobs.remove(key, options)) return 'removed';
      return 'nothing';
    },
  };
}

/** Scheme and host do not tell capitals from small letters, paths do. */
function startsWith(url: string, prefix: string): boolean {
  const [origin = ''] = /^[^/]*\/\/[^/]*/.exec(prefix) ?? [];
  const same = url.slice(0, origin.length).toLowerCase() === origin.toLowerCase();
  return same && url.slice(origin.length).startsWith(prefix.slice(origin.length));
}

function isPath(path: string): boolean {
  try {
    return keysOf(path).length > 0;
  } catch {
    return false;
  }
}

/** As Python's `quote` writes it, and so the SDK. */
function quoted(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
