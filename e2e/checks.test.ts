import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, remove, temporaryFolder } from './support/installation.ts';

/** A copy of the sources in which one violation of each rule of ARCHITECTURE.md is planted; each check must name its own. */
let copy: string;

const program = (file: string, args: string[]) => {
  const result = spawnSync(process.execPath, [path.join(copy, 'node_modules', file), ...args], {
    cwd: copy,
    encoding: 'utf8',
  });
  return { code: result.status, text: result.stdout + result.stderr };
};

const plant = async (file: string, text: string) => {
  await mkdir(path.dirname(path.join(copy, file)), { recursive: true });
  await writeFile(path.join(copy, file), text);
};

beforeAll(async () => {
  copy = await temporaryFolder('ranloop-checks-');
  const kept = [
    'packages',
    'e2e',
    'scripts',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'biome.json',
    '.gitignore',
  ];
  kept.push('.dependency-cruiser.cjs', 'knip.json', 'ARCHITECTURE.md', 'vitest.config.ts', 'eslint.config.mjs');
  for (const name of kept)
    await cp(path.join(ROOT, name), path.join(copy, name), {
      recursive: true,
      filter: (from) => !/\/(node_modules|dist)(\/|$)/.test(from.slice(ROOT.length - 1)),
    });
  // Workspaces must resolve inside the copy, everything else from what is installed.
  await mkdir(path.join(copy, 'node_modules'));
  for (const name of await readdir(path.join(ROOT, 'node_modules')))
    if (name !== '@ranloop')
      await symlink(path.join(ROOT, 'node_modules', name), path.join(copy, 'node_modules', name));
  await mkdir(path.join(copy, 'node_modules', '@ranloop'));
  for (const name of await readdir(path.join(copy, 'packages')))
    await symlink(path.join(copy, 'packages', name), path.join(copy, 'node_modules', '@ranloop', name));
}, 120_000);
afterAll(() => remove(copy));

describe('dependency-cruiser catches', () => {
  const planted: [rule: string, file: string, text: string][] = [
    [
      'package-edge-near-rt-ric',
      'packages/near-rt-ric/src/a1/planted.ts',
      "export * from '../../../inference/src/index.ts';\n",
    ],
    ['package-edge-sdk', 'packages/sdk/src/session/planted-kit.ts', "export * from '@ranloop/kit/log';\n"],
    ['front-door-only', 'packages/cli/src/planted.ts', "export * from '../../kit/src/http/guard.ts';\n"],
    ['rooms-do-not-mix', 'packages/non-rt-ric/src/policy/planted.ts', "export * from '../telemetry/index.ts';\n"],
    ['rooms-do-not-mix', 'packages/ran/src/o1/planted.ts', "export * from '../radio/index.ts';\n"],
    ['pure-stays-pure', 'packages/codecs/src/frames/planted.ts', "export { readFileSync } from 'node:fs';\n"],
    ['onnxruntime-stays-home', 'packages/cli/src/planted-onnx.ts', "export * from 'onnxruntime-node';\n"],
    ['tensorflow-stays-home', 'packages/inference/src/planted.ts', "export * from '@tensorflow/tfjs-core';\n"],
    ['undeclared-third-party', 'packages/contracts/src/errors/planted.ts', "export * from 'fastify';\n"],
    ['no-test-code-in-production', 'packages/ran/src/e1/planted.ts', "export * from '@ranloop/kit/testing';\n"],
    ['no-cycles', 'packages/kit/src/log/planted.ts', "export * from './planted-too.ts';\n"],
    ['resolvable', 'packages/recipes/src/extract/planted.ts', "export * from './nowhere.ts';\n"],
  ];
  let report: string;

  beforeAll(async () => {
    for (const [, file, text] of planted) await plant(file, text);
    await plant('packages/kit/src/log/planted-too.ts', "export * from './planted.ts';\n");
    report = program('dependency-cruiser/bin/dependency-cruise.mjs', ['packages', 'e2e', 'vitest.config.ts']).text;
    for (const [, file] of planted) await rm(path.join(copy, file));
    await rm(path.join(copy, 'packages/kit/src/log/planted-too.ts'));
  }, 60_000);

  test.each(planted)('%s in %s', (rule, file) => {
    const line = report
      .split('\n')
      .find((text) => text.includes(`error ${rule}:`) && text.includes(file.replace(/\.ts$/, '')));
    expect(line, report).toBeDefined();
  });
});

describe('the other checks catch', () => {
  test('the environment read outside kit/config, an any, and a bad form (Biome)', async () => {
    const file = 'packages/ran/src/o1/planted.ts';
    await plant(file, 'export const home: any = process.env["HOME"]\n');
    const { code, text } = program('@biomejs/biome/bin/biome', ['check', file]);
    await rm(path.join(copy, file));
    expect(code).not.toBe(0);
    expect(text).toContain('noProcessEnv');
    expect(text).toContain('noExplicitAny');
    expect(text).toMatch(/format/i);
  });

  test('a wrong type (tsc)', async () => {
    const file = 'packages/kit/src/log/planted.ts';
    await plant(file, 'export const port: number = "8080";\n');
    const { code, text } = program('typescript/bin/tsc', ['-p', '.', '--incremental', 'false']);
    await rm(path.join(copy, file));
    expect(code).not.toBe(0);
    expect(text).toContain(file);
  }, 120_000);

  test('a promise that nobody waits for (ESLint)', async () => {
    const file = 'packages/kit/src/log/planted.ts';
    await plant(file, 'async function later(): Promise<void> {}\nexport function now(): void {\n  later();\n}\n');
    const { code, text } = program('eslint/bin/eslint.js', [file]);
    await rm(path.join(copy, file));
    expect(code).not.toBe(0);
    expect(text).toContain('no-floating-promises');
  }, 120_000);

  test('a file, an export and a dependency that nobody uses (knip)', async () => {
    const file = 'packages/kit/src/log/planted.ts';
    const manifest = path.join(copy, 'packages/ran/package.json');
    const before = await readFile(manifest, 'utf8');
    await plant(file, 'export const unused = 1;\n');
    await writeFile(manifest, before.replace('"typebox"', '"fastify": "5.12.8",\n    "typebox"'));
    const { code, text } = program('knip/bin/knip.js', []);
    await rm(path.join(copy, file));
    await writeFile(manifest, before);
    expect(code).not.toBe(0);
    expect(text).toContain(file);
    expect(text).toMatch(/fastify\s+packages\/ran\/package\.json/);
  }, 120_000);

  test('a file that is too long, a kit that is too big, an edge the figure does not have, a loose version (caps)', async () => {
    const { checkCaps } = (await import(path.join(copy, 'scripts/lib/caps.mjs'))) as {
      checkCaps(root: string): { code: number; output: string };
    };
    expect(checkCaps(copy).output).not.toMatch(/is the most|ARCHITECTURE|pin/);
    await plant('packages/kit/src/log/planted.ts', '// line\n'.repeat(1_600));
    const manifest = path.join(copy, 'packages/inference/package.json');
    await writeFile(
      manifest,
      (await readFile(manifest, 'utf8')).replace(
        '"@ranloop/kit": "0.1.0"',
        '"@ranloop/kit": "0.1.0",\n    "@ranloop/ran": "^0.1.0"',
      ),
    );
    const { code, output } = checkCaps(copy);
    expect(code).toBe(1);
    expect(output).toContain('packages/kit/src/log/planted.ts has 1600 lines; 1200 is the most');
    expect(output).toMatch(/packages\/kit has \d+ lines; 1500 is the most/);
    expect(output).toContain('packages/inference imports (contracts, kit, ran), ARCHITECTURE.md says (contracts, kit)');
    expect(output).toContain('packages/inference does not pin @ranloop/ran (^0.1.0)');
  });
});
