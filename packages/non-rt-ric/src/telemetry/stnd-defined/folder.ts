import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { RanloopError } from '@ranloop/contracts/errors';
import { checker } from '@ranloop/contracts/schema';
import Type from 'typebox';
import { parse } from 'yaml';
import type { SchemaDocument } from './document.ts';

const MOST_FILE = 16 * 1024 * 1024;
const MOST_TOTAL = 64 * 1024 * 1024;
const MOST_DEPTH = 200;

const checkMap = checker(
  Type.Array(Type.Object({ publicURL: Type.String({ minLength: 1 }), localURL: Type.String({ minLength: 1 }) }), {
    maxItems: 2_000,
  }),
);

/** The documents of a folder by their public address, as its `schema-map.json` lists them; YAML or JSON. */
export async function readSchemas(folder: string): Promise<ReadonlyMap<string, SchemaDocument>> {
  const root = await realpath(folder).catch(() => folder);
  const entries = await told('schema-map.json', async () =>
    checkMap(JSON.parse(await readFile(path.join(root, 'schema-map.json'), 'utf8')), 'list'),
  );
  const documents = new Map<string, SchemaDocument>();
  let total = 0;
  for (const { publicURL, localURL } of entries) {
    await told(localURL, async () => {
      // Links are followed first: what counts is where the file is.
      const file = await realpath(path.resolve(root, localURL));
      if (!file.startsWith(root + path.sep)) throw new Error('lies outside of the folder');
      const { size } = await stat(file);
      total += size;
      if (size > MOST_FILE || total > MOST_TOTAL)
        throw new Error(`is too large (${MOST_FILE} bytes, ${MOST_TOTAL} in all)`);
      const content = parse(await readFile(file, 'utf8'), { maxAliasCount: 100, schema: 'core' }) as unknown;
      if (typeof content !== 'object' || content === null || Array.isArray(content))
        throw new Error('holds no schemas');
      checkDepth(content);
      documents.set(publicURL.replace(/#.*$/s, ''), { content } as SchemaDocument);
    });
  }
  return documents;
}

function checkDepth(content: object): void {
  const stack: [object, number][] = [[content, 0]];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const [node, depth] = top;
    if (depth > MOST_DEPTH) throw new Error(`is nested deeper than ${MOST_DEPTH}`);
    for (const inner of Object.values(node) as unknown[])
      if (typeof inner === 'object' && inner !== null) stack.push([inner, depth + 1]);
  }
}

async function told<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const why = (cause as Error).message.slice(0, 300);
    throw new RanloopError('RL_CONFIG', `schemas of stndDefined events: ${file}: ${why}`, { cause });
  }
}
