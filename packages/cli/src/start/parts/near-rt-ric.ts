import type { RicMessages } from '@ranloop/contracts/ric';
import { createBus } from '@ranloop/kit/bus';
import { parseConfig } from '@ranloop/kit/config';
import { type NamedService, named } from '@ranloop/kit/lifecycle';
import { a1Config, createA1 } from '@ranloop/near-rt-ric/a1';
import { createE2Termination, e2Config } from '@ranloop/near-rt-ric/e2';
import { createXapps, xappsConfig } from '@ranloop/near-rt-ric/xapps';
import type { PartContext } from './context.ts';
import { RIC_ID } from './non-rt-ric.ts';

/**
 * A1-P server, xApps and E2 termination; they meet on the RIC's internal message bus. E2 stays on loopback whatever
 * `--host` says: its JSON carrier has no authentication.
 */
export function createNearRtRic(context: PartContext, e2Port: number): readonly NamedService[] {
  const { hosts, database, auth, urls, log, metrics } = context;
  const bus = createBus<RicMessages>((type, error) => log.error({ err: error, type }, 'a handler on the bus failed'));
  const e2 = createE2Termination(parseConfig(e2Config, { port: e2Port }, 'e2'), {
    http: hosts.nearRtRic.app,
    auth,
    bus,
    log,
    metrics,
  });
  const xapps = createXapps(parseConfig(xappsConfig, {}, 'xapps'), {
    http: hosts.nearRtRic.app,
    auth,
    bus,
    log,
    metrics,
  });
  const a1 = createA1(parseConfig(a1Config, { ricId: RIC_ID, eiBaseUrl: urls.r1 }, 'a1'), {
    http: hosts.a1.app,
    mgmt: { http: hosts.nearRtRic.app, auth },
    database,
    bus,
    log,
    metrics,
  });
  return [named('xapps', xapps), named('a1', a1), named('e2', e2)];
}
