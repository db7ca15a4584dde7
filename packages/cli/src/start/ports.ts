import { freePort } from '@ranloop/kit/postgres';

/** Every port of an installation, in the order in which `--port-base` hands them out. */
const DEFAULT_PORTS = {
  dashboard: 8080,
  api: 8008,
  files: 8081,
  ves: 9080,
  vesTls: 8443,
  r1: 9081,
  inference: 9082,
  a1: 10000,
  nearRtRic: 10080,
  e2: 36421,
  e1: 38462,
} as const;

export type PortName = keyof typeof DEFAULT_PORTS;
export type Ports = Readonly<Record<PortName, number>>;

const NAMES = Object.keys(DEFAULT_PORTS) as PortName[];

/** Without a base the defaults; with one, consecutive ports from it; with 0, any that are free at this moment. */
export async function choosePorts(base: number | undefined): Promise<Ports> {
  if (base === undefined) return DEFAULT_PORTS;
  const numbers: number[] = [];
  for (let index = 0; index < NAMES.length; index += 1)
    numbers.push(base === 0 ? await otherPort(numbers) : base + index);
  return Object.fromEntries(NAMES.map((name, index) => [name, numbers[index]])) as Record<PortName, number>;
}

async function otherPort(taken: readonly number[]): Promise<number> {
  const port = await freePort();
  return taken.includes(port) ? otherPort(taken) : port;
}

/** The addresses that `run.json` lists. */
export function urlsOf(host: string, ports: Ports): Record<PortName, string> {
  const scheme: Partial<Record<PortName, string>> = { vesTls: 'https', e2: 'tcp', e1: 'tcp' };
  const name = host.includes(':') ? `[${host}]` : host;
  const at = (port: PortName) => (port === 'e2' || port === 'e1' ? '127.0.0.1' : name);
  return Object.fromEntries(
    NAMES.map((port) => [port, `${scheme[port] ?? 'http'}://${at(port)}:${ports[port]}`]),
  ) as Record<PortName, string>;
}
