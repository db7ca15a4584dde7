import { spawnSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Installation, launch, remove, startInstallation, temporaryFolder } from './support/installation.ts';

let folder: string;
let running: Installation;

beforeAll(async () => {
  folder = await temporaryFolder();
  running = await startInstallation(folder, ['--no-demo', '--rics', 'lab=http://127.0.0.1:9']);
});
afterAll(async () => {
  await running.kill();
  await remove(folder);
});

describe('a started installation', () => {
  test('announces every address, and each HTTP port answers', async () => {
    const { urls, version } = running.run;
    expect(Object.keys(urls).sort()).toEqual(
      ['a1', 'api', 'dashboard', 'e1', 'e2', 'files', 'inference', 'nearRtRic', 'r1', 'ves', 'vesTls'].sort(),
    );
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    for (const [name, url] of Object.entries(urls))
      if (url.startsWith('http:')) expect((await fetch(url)).status, name).toBeLessThan(500);
  });

  test('keeps its credentials to itself and has no default password', async () => {
    const file = path.join(folder, 'credentials.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { username, password, accessKey, secretKey } = JSON.parse(await readFile(file, 'utf8')) as Record<
      string,
      string
    >;
    expect(username).toBe('admin');
    for (const secret of [password, secretKey]) expect(secret?.length).toBeGreaterThanOrEqual(20);
    expect(accessKey?.length).toBeGreaterThanOrEqual(16);
  });

  test('refuses every room without credentials, and serves it with them', async () => {
    const { urls } = running.run;
    const guarded = [
      `${urls.r1}/r1/telemetry/v1/sources`,
      `${urls.r1}/a1-policy-management/v1/policies`,
      `${urls.r1}/r1/rapps/v1/rapps`,
      `${urls.nearRtRic}/v1/nodeb/states`,
      `${urls.nearRtRic}/ric/v1/xapps`,
      `${urls.dashboard}/loop/v1/state`,
      `${urls.dashboard}/r1/telemetry/v1/sources`,
      `${urls.api}/users.get_current_user`,
    ];
    for (const url of guarded) {
      expect((await fetch(url)).status, url).toBe(401);
      expect((await fetch(url, { headers: { authorization: running.authorization } })).status, url).toBe(200);
    }
  });

  test('lists its own RIC as available, and one that was named at the start as the state it is in', async () => {
    const ask = async () => {
      const answer = await fetch(`${running.run.urls.r1}/a1-policy-management/v1/rics`, {
        headers: { authorization: running.authorization },
      });
      const { rics } = (await answer.json()) as { rics: { ricId: string; state: string }[] };
      return Object.fromEntries(rics.map(({ ricId, state }) => [ricId, state]));
    };
    await expect.poll(ask, { timeout: 30_000 }).toEqual({ ric1: 'AVAILABLE', lab: 'UNAVAILABLE' });
  });

  test('serves the dashboard, whose pages are files of its own origin only', async () => {
    const answer = await fetch(`${running.run.urls.dashboard}/experiments`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(await answer.text()).toContain('<div id="root">');
  });

  test('lets no second process onto its data', async () => {
    const second = launch(['--data-dir', folder, '--port-base', '0', '--no-demo']);
    expect(await second.ended).toBe(2);
    expect(second.output()).toContain(`is in use by process ${running.run.pid}`);
  });

  test('names the option that cannot be used', async () => {
    const bad = launch(['--cells', '0', '--data-dir', path.join(folder, 'other')]);
    expect(await bad.ended).toBe(2);
    expect(bad.output()).toMatch(/cells must be >= 1/);
    const ric = launch(['--rics', 'lab', '--data-dir', path.join(folder, 'other'), '--port-base', '0']);
    expect(await ric.ended).toBe(2);
    expect(ric.output()).toContain('--rics: "lab" must be name=url');
    const unknown = launch(['--sped', '3']);
    expect(await unknown.ended).toBe(2);
    expect(unknown.output()).toContain('--speed');
  });

  test('stops cleanly on Ctrl-C, and starts again on the same data with the same credentials', async () => {
    const before = running.credentials;
    expect(await running.interrupt()).toBe(0);
    await expect(stat(path.join(folder, 'run.json'))).rejects.toThrow();
    running = await startInstallation(folder, ['--no-demo']);
    expect(running.credentials).toEqual(before);
  });
});

test.each([['start'], ['agent'], ['replay'], ['doctor']])(
  'ranloop %s --help says what can be given',
  async (command) => {
    const { stdout, status } = spawnSync(process.execPath, ['scripts/ranloop.mjs', command, '--help'], {
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    expect(stdout).toContain(`Usage: ranloop ${command}`);
    expect(stdout).toContain('--');
  },
);
