import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packZip, unpackZip } from './zip.ts';

const run = promisify(execFile);
const python = await run('python3', ['--version']).then(
  () => true,
  () => false,
);

const file = fc.record({
  path: fc.stringMatching(/^[a-zä-ü0-9 ]{1,12}(\/[a-z.]{1,8}x)?$/),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 2_000 }),
    fc.nat(5_000).map((size) => new Uint8Array(size).fill(7)),
  ),
});

describe('ZIP files', () => {
  it('give back what was packed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 6 }), async (files) => {
        expect(await unpackZip(await packZip(files))).toEqual(files);
      }),
      { numRuns: 50 },
    );
  });

  it('refuse damage with a coded error, wherever a byte is wrong or the end is missing', async () => {
    const files = [{ path: 'a.csv', bytes: new TextEncoder().encode('time,value\n'.repeat(40)) }];
    const whole = await packZip(files);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = whole.slice();
        damaged[at] = (damaged[at] ?? 0) ^ change;
        const outcome = await unpackZip(damaged).catch((error: { code?: string }) => error.code);
        if (typeof outcome === 'string') expect(outcome).toMatch(/^RL_(UNPROCESSABLE|UNSUPPORTED|TOO_LARGE)$/);
        else for (const { bytes } of outcome as typeof files) expect(bytes).toEqual(files[0]?.bytes);
      }),
      { numRuns: 300 },
    );
    for (let length = 0; length < whole.length; length += 7)
      await expect(unpackZip(whole.subarray(0, length))).rejects.toMatchObject({ code: 'RL_UNPROCESSABLE' });
  });

  it('refuse to unpack more than allowed, also when the directory lies about the size', async () => {
    const bomb = await packZip([{ path: 'zeros', bytes: new Uint8Array(1_000_000) }]);
    await expect(unpackZip(bomb, 999_999)).rejects.toMatchObject({ code: 'RL_TOO_LARGE' });
    const lying = bomb.slice();
    const directory = lying.length - 22 - 46 - 'zeros'.length;
    new DataView(lying.buffer).setUint32(directory + 24, 10, true);
    await expect(unpackZip(lying, 999_999)).rejects.toMatchObject({ code: 'RL_UNPROCESSABLE' });
  });

  it.skipIf(!python)('are read by Python, and read what Python deflates', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'ranloop-zip-'));
    try {
      const ours = path.join(folder, 'ours.zip');
      const theirs = path.join(folder, 'theirs.zip');
      const text = 'größe,1\n'.repeat(300);
      await writeFile(ours, await packZip([{ path: 'ordner/größe.csv', bytes: new TextEncoder().encode(text) }]));
      const script = [
        'import sys, zipfile',
        'z = zipfile.ZipFile(sys.argv[1])',
        'assert z.testzip() is None',
        'name, = z.namelist()',
        'o = zipfile.ZipFile(sys.argv[2], "w", compression=zipfile.ZIP_DEFLATED)',
        'o.writestr(name, z.read(name)); o.writestr("empty/", b""); o.close()',
        'sys.stdout.buffer.write(name.encode())',
      ].join('\n');
      const { stdout } = await run('python3', ['-c', script, ours, theirs]);
      expect(stdout).toBe('ordner/größe.csv');
      const [read, ...others] = await unpackZip(new Uint8Array(await readFile(theirs)));
      expect(others).toEqual([]);
      expect(new TextDecoder().decode(read?.bytes)).toBe(text);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
