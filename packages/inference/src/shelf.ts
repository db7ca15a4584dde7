import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ModelName, ModelVersion } from '@ranloop/contracts/inference';
import { checker } from '@ranloop/contracts/schema';
import Type, { type Static } from 'typebox';
import { sha256Of } from './download.ts';

const Kept = Type.Object({
  name: ModelName,
  version: ModelVersion,
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  modelId: Type.String(),
  taskId: Type.String(),
  /** False after `unload`: the file is kept, and not brought back by itself. */
  loaded: Type.Boolean(),
});
export type Kept = Static<typeof Kept>;

const checkList = checker(Type.Array(Kept, { maxItems: 10_000 }));

/** Model files on disk by digest, and the list of what was deployed under which name. */
export interface Shelf {
  list(): Promise<Kept[]>;
  /** Replaces the list, and removes files that are no longer in it. */
  save(list: readonly Kept[]): Promise<void>;
  put(sha256: string, bytes: Uint8Array): Promise<void>;
  /** Undefined when the file is gone or is not what its digest says. */
  get(sha256: string): Promise<Buffer | undefined>;
}

export function createShelf(folder: string): Shelf {
  const index = path.join(folder, 'models.json');
  // The digest is checked hex wherever it comes from, so it cannot lead out of the folder.
  const fileOf = (sha256: string) => path.join(folder, `${sha256}.onnx`);
  return {
    async list() {
      await mkdir(folder, { recursive: true });
      const text = await readFile(index, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '[]';
        throw error;
      });
      return checkList(JSON.parse(text), index);
    },
    async save(list) {
      await writeWhole(index, Buffer.from(JSON.stringify(list, null, 2)));
      const wanted = new Set(list.map(({ sha256 }) => `${sha256}.onnx`));
      for (const file of await readdir(folder))
        if (/^[0-9a-f]{64}\.onnx$/.test(file) && !wanted.has(file)) await rm(path.join(folder, file), { force: true });
    },
    put: (sha256, bytes) => writeWhole(fileOf(sha256), bytes),
    async get(sha256) {
      const bytes = await readFile(fileOf(sha256)).catch(() => undefined);
      return bytes && sha256Of(bytes) === sha256 ? bytes : undefined;
    },
  };
}

/** Whole or not at all: a crash leaves the old file. */
async function writeWhole(target: string, bytes: Uint8Array): Promise<void> {
  const partial = `${target}.part`;
  const file = await open(partial, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, target);
}
