import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startChild } from './child.ts';
import { createLineSplitter, type Line, readLine } from './lines.ts';
import { createRunFolders } from './run-folder.ts';
import { planOf } from './script.ts';

describe('lines of output', () => {
  it('are the same however the output is cut', () => {
    const text = 'one\r\n\ntwo\n 10 %\r 20 %\r100 %\nüber\nlast';
    const expected = ['one', '', 'two', '100 %', 'über', 'last'];
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const splitter = createLineSplitter();
        const edges = [0, ...cuts.sort((a, b) => a - b), text.length];
        const lines = edges.slice(1).flatMap((edge, n) => splitter.push(text.slice(edges[n], edge)));
        expect([...lines, ...splitter.end()]).toEqual(expected);
      }),
    );
  });

  it('are cut when they do not end, and nothing is held back without bound', () => {
    const splitter = createLineSplitter();
    const pieces = Array.from({ length: 30 }, () => 'x'.repeat(10_000)).flatMap((text) => splitter.push(text));
    const all = [...pieces, ...splitter.end()];
    expect(all.join('')).toBe('x'.repeat(300_000));
    expect(Math.max(...all.map((piece) => piece.length))).toBeLessThanOrEqual(60_000);
    expect(pieces.length).toBeGreaterThanOrEqual(4);
  });

  it('take the level of structured logging, else that of their stream', () => {
    expect(readLine('plain', 'stdout')).toEqual({ level: 'info', text: 'plain' });
    expect(readLine('plain', 'stderr')).toEqual({ level: 'error', text: 'plain' });
    expect(readLine('{"level":20,"msg":"m"}', 'stderr')).toEqual({ level: 'debug', text: 'm' });
    expect(readLine('{"level":50,"msg":"m","err":{"stack":"at x"}}', 'stdout')).toEqual({
      level: 'error',
      text: 'm\nat x',
    });
    expect(readLine('{"level":50,"msg', 'stdout')).toEqual({ level: 'info', text: '{"level":50,"msg' });
  });
});

describe('what a task runs', () => {
  const recipes = ['train'];
  const recipe = { repository: 'ranloop:recipes', binary: 'node', entry_point: 'train' };

  it('is a recipe that there is, by a name that is no option and no path', () => {
    expect(planOf(recipe, recipes)).toEqual({ recipe: 'train' });
    expect(planOf({ ...recipe, binary: 'node20' }, recipes)).toEqual({ recipe: 'train' });
    for (const entry_point of ['other', '--eval', '../train', 'train x', ''])
      expect(planOf({ ...recipe, entry_point }, [...recipes, '--eval', '../train'])).toEqual({
        refusal: expect.stringContaining('unknown recipe'),
      });
  });

  it('is refused with a reason when it is something else', () => {
    const refusal = 'needs Python support, not in this version';
    expect(planOf({ binary: 'python3', entry_point: 'train.py' }, recipes)).toEqual({ refusal });
    expect(planOf({ repository: 'https://example.org/x.git' }, recipes)).toEqual({ refusal });
    expect(planOf({ binary: 'python3.11', diff: 'print(1)' }, recipes)).toEqual({ refusal });
    expect(planOf(undefined, recipes)).toEqual({ refusal: 'the task has no script to run' });
    expect(planOf({ ...recipe, binary: 'python' }, recipes)).toEqual({
      refusal: 'a recipe runs on node, not on "python"',
    });
  });
});

describe('a child process', () => {
  const start = async (code: string, onLine: (line: Line) => void = () => undefined) => {
    const cwd = await mkdtemp(path.join(tmpdir(), 'ranloop-child-'));
    const child = startChild({ file: process.execPath, args: ['-e', code], cwd, env: {}, nice: 5, onLine });
    return { child, cwd, done: () => rm(cwd, { recursive: true, force: true }) };
  };

  it('that cannot be started ends with the reason', async () => {
    const spec = { file: '/nowhere/node', args: [], cwd: tmpdir(), env: {}, nice: 5, onLine: () => undefined };
    const child = startChild(spec);
    expect((await child.ended).error).toContain('ENOENT');
    await child.kill(10);
  });

  it('that is paused writes no more, and all of it arrives when it goes on or ends', async () => {
    const lines: string[] = [];
    const code = 'for (let n = 0; n < 20000; n++) console.log("line " + n + " " + "x".repeat(50))';
    const { child, done } = await start(code, ({ text }) => lines.push(text));
    child.pause();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = lines.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(lines.length).toBe(before);
    expect(before).toBeLessThan(20_000);
    child.resume();
    expect(await child.ended).toEqual({ code: 0, signal: undefined, error: undefined });
    expect(lines).toHaveLength(20_000);
    expect(lines.at(-1)).toContain('line 19999');
    await done();
  });

  it('that an agent left behind is killed by the next one, and by its folder only', async () => {
    const root = await realpath(await mkdtemp(path.join(tmpdir(), 'ranloop-work-')));
    const folders = createRunFolders(root, 'w_0');
    const cwd = await folders.open('a1', { queue: 'q' });
    const onLine = () => undefined;
    const args = ['-e', 'setInterval(() => {}, 1000)'];
    const left = startChild({ file: process.execPath, args, cwd, env: {}, nice: 0, onLine });
    const other = startChild({ file: process.execPath, args, cwd: root, env: {}, nice: 0, onLine });
    await folders.open('a1', { queue: 'q', pid: left.pid ?? 0 });
    await folders.open('b2', { queue: 'r', pid: other.pid ?? 0 });
    const found = await createRunFolders(root, 'w_0').leftovers();
    expect(found).toEqual(
      expect.arrayContaining([
        { task: 'a1', queue: 'q' },
        { task: 'b2', queue: 'r' },
      ]),
    );
    expect(await left.ended).toMatchObject({ signal: 'SIGKILL' });
    expect(process.kill(other.pid ?? 0, 0)).toBe(true);
    await other.kill(0);
    await expect(folders.open('../escape', { queue: 'q' })).rejects.toThrow('not an id');
    await rm(root, { recursive: true });
  });
});
