import { expect, test } from 'vitest';
import { silentLog } from '../log/index.ts';
import { composeServices, named } from './index.ts';

const log = silentLog();

function recorder(names: readonly string[], failing?: string) {
  const calls: string[] = [];
  const services = names.map((name) =>
    named(name, {
      async start() {
        if (name === failing) throw new Error(`${name} cannot start`);
        calls.push(`+${name}`);
      },
      async stop() {
        calls.push(`-${name}`);
      },
    }),
  );
  return { calls, services };
}

test('services stop in the reverse of the order in which they started', async () => {
  const { calls, services } = recorder(['a', 'b', 'c']);
  const all = composeServices(services, { log });
  await all.start();
  await all.stop();
  await all.stop();
  expect(calls).toEqual(['+a', '+b', '+c', '-c', '-b', '-a']);
});

test('when one cannot start, those that run are stopped and its reason is thrown', async () => {
  const { calls, services } = recorder(['a', 'b', 'c'], 'c');
  await expect(composeServices(services, { log }).start()).rejects.toThrow('c cannot start');
  expect(calls).toEqual(['+a', '+b', '-b', '-a']);
});

test('one that never stops does not keep the others from stopping', async () => {
  const { calls, services } = recorder(['a']);
  const stuck = named('stuck', { start: async () => undefined, stop: () => new Promise<void>(() => undefined) });
  const all = composeServices([...services, stuck], { log, stopTimeoutMs: 20 });
  await all.start();
  await all.stop();
  expect(calls).toEqual(['+a', '-a']);
});
