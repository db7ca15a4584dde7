import type { Log } from '../log/index.ts';

/** A part of the program as a value: nothing runs before `start`, nothing is left after `stop`. */
export interface Service {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface NamedService extends Service {
  readonly name: string;
}

export function named(name: string, service: Service): NamedService {
  return { name, start: () => service.start(), stop: () => service.stop() };
}

/**
 * Starts services in order and stops them in the reverse order. When one fails to start, those that run are stopped
 * and the failure is thrown. A service that does not stop within `stopTimeoutMs` is logged and left behind.
 */
export function composeServices(
  services: readonly NamedService[],
  { log, stopTimeoutMs = 4_000 }: { log: Log; stopTimeoutMs?: number },
): Service {
  const running: NamedService[] = [];
  const stop = async () => {
    for (let service = running.pop(); service; service = running.pop()) await stopOne(service, log, stopTimeoutMs);
  };
  return {
    async start() {
      for (const service of services) {
        try {
          await service.start();
          running.push(service);
        } catch (error) {
          log.error({ err: error, service: service.name }, 'service did not start');
          await stop();
          throw error;
        }
      }
    },
    stop,
  };
}

async function stopOne(service: NamedService, log: Log, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), timeoutMs);
  });
  try {
    const outcome = await Promise.race([service.stop(), late]);
    if (outcome === 'late') log.warn({ service: service.name, timeoutMs }, 'service did not stop in time');
  } catch (error) {
    log.error({ err: error, service: service.name }, 'service failed while stopping');
  } finally {
    clearTimeout(timer);
  }
}
