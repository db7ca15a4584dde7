import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { AddressInfo, Server } from 'node:net';

/** The SSH server of the library whose client is used, with files in memory. */
export interface TestSftp {
  readonly port: number;
  /** As `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** Passwords that were tried. */
  readonly tried: string[];
  stop(): Promise<void>;
}

/** From where the client's library is, so that it is the very one that the client uses. */
const fromClient = createRequire(createRequire(import.meta.url).resolve('ssh2-sftp-client'));

// biome-ignore lint/suspicious/noExplicitAny: the library's types are not a dependency of this package
type Untyped = any;

export async function createTestSftp(
  files: ReadonlyMap<string, Buffer>,
  { user, password }: { user: string; password: string },
): Promise<TestSftp> {
  const ssh2: Untyped = fromClient('ssh2');
  const { STATUS_CODE } = ssh2.utils.sftp;
  const pair: { private: string; public: string } = ssh2.utils.generateKeyPairSync('ed25519');
  const tried: string[] = [];
  const server: Server & Untyped = new ssh2.Server({ hostKeys: [pair.private] }, (client: Untyped) => {
    client.on('error', () => undefined);
    client.on('authentication', (asked: Untyped) => {
      if (asked.method !== 'password') return asked.reject(['password']);
      tried.push(asked.password);
      if (asked.username === user && asked.password === password) asked.accept();
      else asked.reject(['password']);
    });
    client.on('ready', () =>
      client.on('session', (accept: () => Untyped) =>
        accept().on('sftp', (acceptSftp: () => Untyped) => {
          const sftp = acceptSftp();
          const open: Buffer[] = [];
          const attributes = (body: Buffer) => ({
            mode: 0o100644,
            uid: 0,
            gid: 0,
            size: body.length,
            atime: 0,
            mtime: 0,
          });
          const missing = (id: number) => sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
          sftp.on('OPEN', (id: number, name: string) => {
            const body = files.get(name);
            if (!body) return missing(id);
            sftp.handle(id, Buffer.from([open.push(body) - 1]));
          });
          sftp.on('READ', (id: number, handle: Buffer, offset: number, length: number) => {
            const body = open[handle[0] ?? 0] ?? Buffer.alloc(0);
            if (offset >= body.length) return sftp.status(id, STATUS_CODE.EOF);
            sftp.data(id, body.subarray(offset, offset + length));
          });
          sftp.on('FSTAT', (id: number, handle: Buffer) =>
            sftp.attrs(id, attributes(open[handle[0] ?? 0] ?? Buffer.alloc(0))),
          );
          sftp.on('STAT', (id: number, name: string) => {
            const body = files.get(name);
            return body ? sftp.attrs(id, attributes(body)) : missing(id);
          });
          sftp.on('CLOSE', (id: number) => sftp.status(id, STATUS_CODE.OK));
        }),
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const [, key = ''] = pair.public.split(' ');
  return {
    port: (server.address() as AddressInfo).port,
    fingerprint: `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`,
    tried,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
