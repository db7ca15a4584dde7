import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environment } from '@ranloop/kit/config';

const VERSION = '3.9.2';
const CENTRAL = 'https://repo.maven.apache.org/maven2/';
const FETCH_MS = 60_000;
const AT_ONCE = 4;
const CACHE = fileURLToPath(new URL(`../../../../../../.cache/kafka-${VERSION}/`, import.meta.url));
const LIST = fileURLToPath(new URL(`kafka-${VERSION}.txt`, import.meta.url));

/** A Kafka that can be started, or why there is none. */
export type KafkaJars = { readonly classPath: string } | { readonly missing: string };

/**
 * The jars of Apache Kafka from Maven Central, pinned by their SHA-256 and fetched once. RANLOOP_KAFKA_CLASSPATH names
 * another Kafka, to test with its version.
 */
export async function kafkaJars(): Promise<KafkaJars> {
  const java = await promisify(execFile)('java', ['-version']).then(
    () => true,
    () => false,
  );
  if (!java) return { missing: 'there is no java' };
  const named = environment()['RANLOOP_KAFKA_CLASSPATH'];
  if (named) return { classPath: named };
  const wanted = (await readFile(LIST, 'utf8')).trim().split('\n');
  const queue = [...wanted];
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, () => fetchAll(queue)));
  } catch (error) {
    return { missing: `Kafka ${VERSION} could not be fetched from Maven Central: ${String(error)}` };
  }
  return { classPath: wanted.map((line) => fileOf(line).file).join(path.delimiter) };
}

async function fetchAll(queue: string[]): Promise<void> {
  for (let line = queue.shift(); line !== undefined; line = queue.shift()) {
    const { digest, name, file } = fileOf(line);
    const present = await readFile(file).catch(() => undefined);
    if (present && sha256(present) === digest) continue;
    const response = await fetch(CENTRAL + name, { signal: AbortSignal.timeout(FETCH_MS) });
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    if (sha256(bytes) !== digest) throw new Error(`${name} is not the file that was pinned`);
    await mkdir(path.dirname(file), { recursive: true });
    // Whole or not at all, also when two test runs fetch at once.
    await writeFile(`${file}.${process.pid}`, bytes);
    await rename(`${file}.${process.pid}`, file);
  }
}

function fileOf(line: string): { digest: string; name: string; file: string } {
  const [digest = '', name = ''] = line.split(/\s+/);
  return { digest, name, file: path.join(CACHE, path.basename(name)) };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
