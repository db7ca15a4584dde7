import { parseConfig } from '@ranloop/kit/config';
import { composeServices, named, type Service } from '@ranloop/kit/lifecycle';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import { createE1, e1Config } from '@ranloop/ran/e1';
import { createE2Node, e2NodeConfig } from '@ranloop/ran/e2-node';
import { createO1, type O1, o1Config } from '@ranloop/ran/o1';
import type { PeriodReport, Plant } from '@ranloop/ran/radio';
import type { PortName, Ports } from '../start/ports.ts';

/** ManagedElements of the static twin carry this prefix; the rApp and the dashboard know the twin by it. */
const TWIN_PREFIX = 'twin-static-';

/** The interfaces of the simulated RAN: O1 of the RAN and of its twin, one E2 node a gNB, E1 between CU-CP and CU-UP. */
export interface RanInterfaces extends Service {
  readonly live: O1;
  readonly twin: O1;
  /** Resolves when the RIC has accepted every node. */
  connected(): Promise<void>;
  indicate(report: PeriodReport): Promise<void>;
  /** Resolves when the controls that have arrived are in the scheduler. */
  settled(): Promise<void>;
}

export interface RanConfig {
  readonly urls: Readonly<Record<PortName, string>>;
  readonly ports: Ports;
  readonly epochMicros: number;
  readonly periodSeconds: number;
}

export function createRanInterfaces(
  config: RanConfig,
  deps: { plant: Plant; log: Log; metrics: Metrics },
): RanInterfaces {
  const { plant, log, metrics } = deps;
  const { urls, ports, epochMicros } = config;
  const o1 = (sourcePrefix: string) =>
    createO1(parseConfig(o1Config, { vesUrl: urls.ves, epochMicros, sourcePrefix }, 'o1'), { log, metrics });
  const elements = [...new Set(plant.cells.map((cell) => cell.managedElement))];
  const nodes = elements.map((managedElement) =>
    createE2Node(
      parseConfig(
        e2NodeConfig,
        { port: ports.e2, managedElement, epochMicros, periodMs: config.periodSeconds * 1_000 },
        `e2-node ${managedElement}`,
      ),
      { plant, log, metrics },
    ),
  );
  const e1 = createE1(parseConfig(e1Config, { port: ports.e1 }, 'e1'), { slices: plant.slices, log, metrics });
  const live = o1('');
  const twin = o1(TWIN_PREFIX);
  const services = [
    named('e1', e1),
    named('o1', live),
    named('o1 of the twin', twin),
    ...nodes.map((node, index) => named(`e2 node ${elements[index]}`, node)),
  ];
  const all = composeServices(services, { log });
  return {
    live,
    twin,
    start: () => all.start(),
    stop: () => all.stop(),
    async connected() {
      await Promise.all(nodes.map((node) => node.connected()));
    },
    async indicate(report) {
      await Promise.all([...nodes.map((node) => node.report(report)), e1.report(report)]);
    },
    async settled() {
      await Promise.all(nodes.map((node) => node.settled()));
    },
  };
}
