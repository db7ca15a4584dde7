import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { RanloopError } from '@ranloop/contracts/errors';
import SftpClient from 'ssh2-sftp-client';
import type { Fetch } from './index.ts';

/** The host key is checked before any credential is sent. */
export async function fetchSftp({ location, peer, saving, signal, credentials, hostKeys }: Fetch): Promise<void> {
  const { host, port, path } = location;
  const { user, password, privateKey, passphrase } = credentials;
  let refused: unknown;
  // Its default listeners write to the console; what goes wrong comes back from the calls.
  const client = new SftpClient('pm', { error: () => undefined, end: () => undefined, close: () => undefined });
  const abort = () => void client.end().catch(() => undefined);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await client.connect({
      host: peer.address,
      port,
      username: user ?? 'anonymous',
      ...(password === undefined ? {} : { password }),
      ...(privateKey === undefined ? {} : { privateKey }),
      ...(passphrase === undefined ? {} : { passphrase }),
      hostVerifier: (key: Buffer, verify: (accepted: boolean) => void) => {
        const accepted = hostKeys.check(`${host}:${port}`, fingerprint(key), peer.known?.hostKeys);
        accepted.then(
          () => verify(true),
          (error: unknown) => {
            refused = error;
            verify(false);
          },
        );
      },
    });
    signal.throwIfAborted();
    await pipeline(client.createReadStream(path), saving.through, saving.file, { signal });
  } catch (error) {
    throw refused ?? sftpProblem(error);
  } finally {
    signal.removeEventListener('abort', abort);
    await client.end().catch(() => undefined);
  }
}

const fingerprint = (key: Buffer) => `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

function sftpProblem(error: unknown): unknown {
  if (error instanceof RanloopError || !(error instanceof Error)) return error;
  if (/authentication methods failed/i.test(error.message))
    return new RanloopError('RL_FORBIDDEN', 'the server refuses the credentials', { cause: error });
  if (/parse privateKey|passphrase/i.test(error.message))
    return new RanloopError('RL_CONFIG', 'the private key cannot be read; is its passphrase right?', { cause: error });
  return error;
}
