import { createHttpHost, type HttpHost } from '@ranloop/kit/http';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { Certificate } from './certificate.ts';
import type { PortName, Ports } from './ports.ts';
import type { vesClients } from './ves.ts';

export type HostName = Exclude<PortName, 'e2' | 'e1'>;
export type Hosts = Readonly<Record<HostName, HttpHost>>;

const MIB = 1024 * 1024;

/** Bytes of a request body by port; VES 7.2.1 section 4.2 sets 2 MB, ClearML's own proxies let 50 MB and more pass. */
const BODY_LIMITS: Readonly<Partial<Record<HostName, number>>> = {
  dashboard: 64 * MIB,
  api: 64 * MIB,
  files: 1024 * MIB,
  ves: 2 * MIB,
  vesTls: 2 * MIB,
  r1: 16 * MIB,
  inference: 64 * MIB,
};

type VesClients = ReturnType<typeof vesClients>;

/** The HTTP ports of an installation. All listen on one address; only the VES port has TLS. */
export function createHosts(
  config: { host: string; ports: Ports; certificate: Certificate; clients: VesClients },
  deps: { log: Log; metrics: Metrics },
): Hosts {
  const make = (name: HostName) => {
    const bodyLimit = BODY_LIMITS[name];
    return createHttpHost(
      {
        name,
        host: config.host,
        port: config.ports[name],
        ...(bodyLimit === undefined ? {} : { bodyLimit }),
        ...(name === 'vesTls' ? { tls: { ...config.certificate, ...config.clients } } : {}),
      },
      deps,
    );
  };
  const names: HostName[] = ['dashboard', 'api', 'files', 'ves', 'vesTls', 'r1', 'inference', 'a1', 'nearRtRic'];
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<HostName, HttpHost>;
}
