import { createSession } from '@ranloop/sdk/session';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findS3Server, startS3Server } from '../packages/training/src/files/testing/s3-server.ts';
import { type Installation, remove, startInstallation, temporaryFolder } from './support/installation.ts';
import { eventually } from './training/server.ts';

let folder: string;
let running: Installation | undefined;
beforeEach(async () => {
  folder = await temporaryFolder('ranloop-files-');
});
afterEach(async () => {
  await running?.kill();
  running = undefined;
  await remove(folder);
});

const start = (...args: string[]) => startInstallation(folder, ['--no-demo', ...args]);

const sessionOf = ({ run, credentials }: Installation) =>
  createSession({ apiUrl: run.urls.api, filesUrl: run.urls.files, ...credentials });

const fetchFile = ({ authorization }: Installation, url: string) => fetch(url, { headers: { authorization } });

/** A task whose artifact, debug image and figure lie on the file server; gives their URLs, percent-encoded as SDKs do. */
async function taskWithFiles(at: Installation): Promise<{ task: string; urls: string[] }> {
  const session = sessionOf(at);
  const { id: task } = await session.call<{ id: string }>('tasks.create', { name: 'with files', type: 'training' });
  const names = ['artifacts/data frame/data frame.csv', 'metrics/image_0.png', 'metrics/figure_0.png'];
  const form = new FormData();
  for (const name of names) form.append(`/a project/task.${task}/${name}`, new Blob([name]), name);
  const answer = await fetch(at.run.urls.files, {
    method: 'POST',
    headers: { authorization: at.authorization },
    body: form,
  });
  expect(answer.status).toBe(200);
  const urls = names.map((name) => `${at.run.urls.files}/${encodeURI(`a project/task.${task}/${name}`)}`);
  const [artifact, url, source] = urls;
  const artifacts = [{ key: 'data frame', type: 'pandas', uri: artifact, mode: 'output' }];
  await session.call('tasks.add_or_update_artifacts', { task, artifacts });
  const event = { task, iter: 0, metric: 'm', variant: 'v' };
  await session.callLines('events.add_batch', [
    { ...event, type: 'training_debug_image', key: 'k', url },
    { ...event, type: 'plot', plot_str: JSON.stringify({ layout: { images: [{ source }] } }) },
  ]);
  for (const one of urls) expect((await fetchFile(at, one)).status).toBe(200);
  return { task, urls };
}

test('the files of a deleted task go, also when the server is killed before it came to it', async () => {
  running = await start();
  const { urls: addresses } = running.run;
  const gone = await taskWithFiles(running);
  const kept = await taskWithFiles(running);
  await sessionOf(running).call('tasks.delete', { task: gone.task, force: true });
  await running.kill();

  running = await start('--files-url', addresses.files);
  const here = running;
  const moved = (url: string) => url.replace(addresses.files, here.run.urls.files);
  await eventually(async () => {
    const found = await Promise.all(gone.urls.map(async (url) => (await fetchFile(here, moved(url))).status));
    return found.every((status) => status === 404);
  }, 60_000);
  for (const url of kept.urls) expect((await fetchFile(here, moved(url))).status).toBe(200);
});

test('the file server may be open to all', async () => {
  running = await start('--no-files-auth');
  const form = new FormData();
  form.append('/open.txt', new Blob(['open']), 'open.txt');
  expect((await fetch(running.run.urls.files, { method: 'POST', body: form })).status).toBe(200);
  expect(await (await fetch(`${running.run.urls.files}/open.txt`)).text()).toBe('open');
});

const program = findS3Server();

test.skipIf(program === undefined)(
  program ? 'files are kept in S3, and go from there' : 'S3 (skipped: no moto_server or gofakes3 on this machine)',
  async () => {
    const server = await startS3Server(program ?? '', 'ranloop-test');
    const keys = { RANLOOP_S3_ACCESS_KEY: 'a-key', RANLOOP_S3_SECRET_KEY: 'a-secret-of-s3' };
    const objects = async () => (await fetch(`${server.endpoint}/ranloop-test?list-type=2`)).text();
    Object.assign(process.env, keys);
    try {
      running = await start('--files-s3', 's3://ranloop-test/site 1', '--files-s3-endpoint', server.endpoint);
      const here = running;
      const { task, urls } = await taskWithFiles(here);
      expect(await objects()).toContain(`<Key>site 1/a project/task.${task}/metrics/image_0.png</Key>`);
      await sessionOf(here).call('tasks.delete', { task, force: true });
      await eventually(async () => !(await objects()).includes('<Key>'), 60_000);
      for (const url of urls) expect((await fetchFile(here, url)).status).toBe(404);
      expect(here.output()).not.toContain('a-secret-of-s3');
    } finally {
      for (const name of Object.keys(keys)) delete process.env[name];
      await server.stop();
    }
  },
);
