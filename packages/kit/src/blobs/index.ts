import type { Readable } from 'node:stream';

export { createFolderBlobs } from './folder.ts';

export interface BlobInfo {
  readonly bytes: number;
  readonly modified: Date;
  /** Differs between any two contents that a key ever had. */
  readonly version: string;
}

/** Both ends are inclusive, as in an HTTP Range. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** One content of a key: what is read is what `bytes` and `version` tell of, also when the key is written meanwhile. */
export interface OpenBlob extends BlobInfo {
  read(range?: ByteRange): Promise<Readable>;
  /** To be called when nothing was read; a stream that was read to its end, or destroyed, closes by itself. */
  close(): Promise<void>;
}

/** Files by key: a relative path with forward slashes, no empty, `.` or `..` part. Folders are only what keys begin with. */
export interface BlobStore {
  /** Writes whole or not at all: the blob appears under its key only when every byte is kept. */
  put(key: string, content: Readable): Promise<{ bytes: number }>;
  open(key: string): Promise<OpenBlob | undefined>;
  /** True when there was one. A folder is none. `writtenBefore`: one that was written later stays, and counts as none. */
  remove(key: string, options?: { writtenBefore?: Date }): Promise<boolean>;
  /** Removes everything below `key/`. True when there was anything. */
  removeFolder(key: string): Promise<boolean>;
}
