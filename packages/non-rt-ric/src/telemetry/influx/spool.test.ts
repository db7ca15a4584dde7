import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RanloopError } from '@ranloop/contracts/errors';
import { silentLog } from '@ranloop/kit/log';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestInflux, findInfluxd } from '../testing/influx.ts';
import { createRig, measurement, T0 } from '../testing/rig.ts';
import { createSpool } from './spool.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ranloop-spool-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const log = silentLog();
const away = new RanloopError('RL_STORE', 'away');

test('what waits survives a restart and is sent in order, once', async () => {
  const first = createSpool({ folder, mostBytes: 1e6, send: () => Promise.reject(away), log });
  await first.open();
  await first.append('a 1\n');
  await first.append('b 2\n');
  await expect(first.drain()).rejects.toBe(away);
  const sent: string[] = [];
  const second = createSpool({ folder, mostBytes: 1e6, send: async (lines) => void sent.push(lines), log });
  await second.open();
  expect(second.waiting).toBe(true);
  await second.drain();
  await second.drain();
  expect(sent.join('')).toBe('a 1\nb 2\n');
  expect(second.waiting).toBe(false);
  expect(await readdir(folder)).toEqual([]);
});

test('half a line that a crash left behind is not sent', async () => {
  await writeFile(path.join(folder, '000000000007.lines'), 'a 1\nb 2\nc ');
  const sent: string[] = [];
  const spool = createSpool({ folder, mostBytes: 1e6, send: async (lines) => void sent.push(lines), log });
  await spool.open();
  await spool.append('d 4\n');
  await spool.drain();
  expect(sent.join('')).toBe('a 1\nb 2\nd 4\n');
});

test('a full spool says so, and takes more once there is room', async () => {
  let up = false;
  const spool = createSpool({ folder, mostBytes: 8, send: async () => (up ? undefined : Promise.reject(away)), log });
  await spool.open();
  await spool.append('1234567\n');
  await expect(spool.append('8\n')).rejects.toMatchObject({ code: 'RL_BUSY' });
  up = true;
  await spool.drain();
  await spool.append('8\n');
});

test('lines that the server refuses for good do not hold up the others, and are kept', async () => {
  const refuse = new RanloopError('RL_UNPROCESSABLE', 'no');
  const spool = createSpool({ folder, mostBytes: 1e6, send: () => Promise.reject(refuse), log });
  await spool.open();
  await spool.append('a 1\n');
  await spool.drain();
  expect(spool.waiting).toBe(false);
  expect(await readdir(folder)).toEqual(['000000000001.lines.refused']);
});

test('what waited before a kill and after it goes out in order, in few requests', async () => {
  const options = { folder, mostBytes: 1e9, log };
  const first = createSpool({ ...options, send: () => Promise.reject(away) });
  await first.open();
  const lines = (from: number) => Array.from({ length: 60 }, (_, index) => `a ${from + index}\n`);
  for (const one of lines(0)) await first.append(one);
  // Killed: nothing is closed. The next process takes over the folder while new lines come in.
  const sent: string[] = [];
  const second = createSpool({ ...options, send: async (text) => void sent.push(text) });
  await second.open();
  const draining = second.drain();
  for (const one of lines(60)) await second.append(one);
  await draining;
  await second.drain();
  expect(sent.join('')).toBe([...lines(0), ...lines(60)].join(''));
  expect(sent[0]).toBe(lines(0).join(''));
});

/** A disk of 64 KiB, where this user may mount one. */
function mountDisk(): string | undefined {
  const at = mkdtempSync(path.join(tmpdir(), 'ranloop-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', at], { stdio: 'ignore' });
  if (status === 0) return at;
  rmSync(at, { recursive: true });
  return undefined;
}

function unmountDisk(at: string): void {
  spawnSync('umount', [at]);
  rmSync(at, { recursive: true, force: true });
}

const probe = mountDisk();
if (probe) unmountDisk(probe);
describe.skipIf(!probe)(probe ? 'a full disk' : 'a full disk (skipped: only root mounts a small one)', () => {
  let disk: string | undefined;
  beforeAll(() => {
    disk = mountDisk();
  });
  afterAll(() => {
    if (disk) unmountDisk(disk);
  });

  test('refuses what does not fit, and loses nothing that it took', async () => {
    const sent: string[] = [];
    let up = false;
    const send = async (text: string) => (up ? void sent.push(text) : Promise.reject(away));
    const spool = createSpool({ folder: path.join(disk ?? '', 'spool'), mostBytes: 1e9, send, log });
    await spool.open();
    const taken: string[] = [];
    let refused: unknown;
    for (let number = 0; number < 100; number += 1) {
      const one = `a ${String(number).padStart(1_500, '0')}\n`;
      try {
        await spool.append(one);
        taken.push(one);
      } catch (error) {
        refused = error;
      }
    }
    expect(refused).toMatchObject({ code: 'RL_BUSY' });
    expect(taken.length).toBeGreaterThan(10);
    up = true;
    await spool.drain();
    expect(
      sent
        .join('')
        .split('\n')
        .filter((one) => taken.includes(`${one}\n`))
        .map((one) => `${one}\n`),
    ).toEqual(taken);
    await spool.append('b 1\n');
  });
});

const influxd = findInfluxd();
describe.skipIf(!influxd)(influxd ? 'a real InfluxDB' : 'a real InfluxDB (skipped: no influxd on this machine)', () => {
  test('killed and started again under load, it ends up with every sample that was acknowledged', async () => {
    const influx = await createTestInflux(influxd ?? '');
    const rig = await createRig({ store: 'influx', influxUrl: influx.url });
    try {
      let acknowledged = 0;
      const send = async (from: number, to: number) => {
        for (let at = from; at < to; at += 1) {
          const objects = { 'NRCellDU=1': { 'RRU.PrbUsedDl': String(at) } };
          const event = measurement({ eventId: `e${at}`, time: T0 + at * 1_000_000, objects });
          if ((await rig.post({ event })).status === 202) acknowledged += 1;
        }
      };
      await send(0, 50);
      const load = send(50, 150);
      await influx.kill();
      await load;
      await influx.start();
      await send(150, 200);
      expect(acknowledged).toBe(200);
      const query = { counters: ['RRU.PrbUsedDl'], from: T0, to: T0 + 1_000_000_000 };
      const expected = Array.from({ length: 200 }, (_, at) => [T0 + at * 1_000_000, at]);
      await expect
        .poll(async () => (await rig.query(query)).series[0]?.points, { timeout: 10_000, interval: 200 })
        .toEqual(expected);
    } finally {
      await rig.stop();
      await influx.stop();
    }
  });
});
