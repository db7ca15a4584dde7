import { constants } from 'node:fs';
import { access, mkdir, readFile, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { freemem } from 'node:os';
import path from 'node:path';
import { environment } from '@ranloop/kit/config';
import { embeddedPostgresVersion } from '@ranloop/kit/postgres';
import { choosePorts } from '../start/ports.ts';

export interface Finding {
  readonly what: string;
  /** `note`: something optional is missing. */
  readonly verdict: 'ok' | 'note' | 'bad';
  readonly detail: string;
}

export interface DoctorOptions {
  readonly dataDir: string;
  readonly host: string;
  readonly portBase: number | undefined;
}

const GIB = 1024 ** 3;

/** Everything that has kept an installation from starting, looked at before it is started. */
export async function examine(options: DoctorOptions): Promise<Finding[]> {
  const running = await runningInstallation(options.dataDir);
  return [
    node(),
    await postgres(),
    await folder(options.dataDir),
    await disk(options.dataDir),
    memory(),
    ...(running ? await answering(running) : await ports(options)),
    await program('Chromium', ['chromium', 'chromium-browser', 'google-chrome'], 'browser tests are left out'),
    await program('InfluxDB', ['influxd'], 'the InfluxDB half of the store tests is left out'),
    await program('Python', ['python3'], 'tasks written in Python cannot run here'),
    await sctp(),
  ];
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const good = major > 20 || (major === 20 && minor >= 19);
  return {
    what: 'Node',
    verdict: good ? 'ok' : 'bad',
    detail: good ? process.versions.node : `${process.versions.node}; 20.19 or newer is needed`,
  };
}

async function postgres(): Promise<Finding> {
  try {
    return { what: 'PostgreSQL', verdict: 'ok', detail: await embeddedPostgresVersion() };
  } catch (error) {
    return { what: 'PostgreSQL', verdict: 'bad', detail: (error as Error).message };
  }
}

async function folder(dataDir: string): Promise<Finding> {
  const full = path.resolve(dataDir);
  try {
    await mkdir(full, { recursive: true });
    await access(full, constants.W_OK);
    return { what: 'Data folder', verdict: 'ok', detail: full };
  } catch (error) {
    return {
      what: 'Data folder',
      verdict: 'bad',
      detail: `${full}: ${(error as Error).message}; give another --data-dir`,
    };
  }
}

async function disk(dataDir: string): Promise<Finding> {
  const found = await statfs(path.resolve(dataDir)).catch(() => undefined);
  if (!found) return { what: 'Disk', verdict: 'note', detail: 'free space is not known' };
  const free = found.bavail * found.bsize;
  const detail = `${(free / GIB).toFixed(1)} GiB free`;
  return {
    what: 'Disk',
    verdict: free < GIB ? 'bad' : 'ok',
    detail: free < GIB ? `${detail}; 1 GiB is the least` : detail,
  };
}

function memory(): Finding {
  const free = freemem();
  return {
    what: 'Memory',
    verdict: free < GIB ? 'note' : 'ok',
    detail: `${(free / GIB).toFixed(1)} GiB free; a round needs about 1 GiB`,
  };
}

async function ports(options: DoctorOptions): Promise<Finding[]> {
  if (options.portBase === 0) return [];
  const chosen = await choosePorts(options.portBase);
  const taken: string[] = [];
  for (const [name, port] of Object.entries(chosen))
    if (!(await isFree(port, options.host))) taken.push(`${port} (${name})`);
  if (taken.length === 0)
    return [{ what: 'Ports', verdict: 'ok', detail: `${Object.values(chosen).join(', ')} are free` }];
  return [{ what: 'Ports', verdict: 'bad', detail: `taken: ${taken.join(', ')}; start with another --port-base` }];
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

async function runningInstallation(dataDir: string): Promise<Record<string, string> | undefined> {
  const text = await readFile(path.join(dataDir, 'run.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return (JSON.parse(text) as { urls: Record<string, string> }).urls;
}

/** A running installation: each HTTP port is asked; any answer, also a refusal, is a sign of life. */
async function answering(urls: Record<string, string>): Promise<Finding[]> {
  const http = Object.entries(urls).filter(([, url]) => url.startsWith('http:'));
  return Promise.all(
    http.map(async ([name, url]): Promise<Finding> => {
      const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) }).catch((error: Error) => error);
      const alive = answer instanceof Response;
      return {
        what: `Running: ${name}`,
        verdict: alive ? 'ok' : 'bad',
        detail: alive ? url : `${url} does not answer`,
      };
    }),
  );
}

async function program(what: string, names: readonly string[], without: string): Promise<Finding> {
  const folders = (environment()['PATH'] ?? '').split(path.delimiter);
  for (const name of names)
    for (const at of folders) {
      const file = path.join(at, name);
      if (
        await access(file, constants.X_OK).then(
          () => true,
          () => false,
        )
      )
        return { what, verdict: 'ok', detail: file };
    }
  return { what, verdict: 'note', detail: `not found: ${without}` };
}

async function sctp(): Promise<Finding> {
  const present = await access('/proc/net/sctp').then(
    () => true,
    () => false,
  );
  const detail = present ? 'the kernel has it' : 'the kernel does not have it loaded; E2 and E1 run over TCP';
  return { what: 'SCTP', verdict: present ? 'ok' : 'note', detail };
}
