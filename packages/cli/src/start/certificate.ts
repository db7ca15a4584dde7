import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generate } from 'selfsigned';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const YEARS = 10;

/** The certificate of the TLS ports: a self-signed one is made on first start; put your own in its place to use it. */
export async function openCertificate(folder: string): Promise<Certificate> {
  const keyFile = path.join(folder, 'tls', 'server.key');
  const certFile = path.join(folder, 'tls', 'server.crt');
  const [key, cert] = await Promise.all(
    [keyFile, certFile].map((file) => readFile(file, 'utf8').catch(() => undefined)),
  );
  if (key !== undefined && cert !== undefined) return { key, cert };
  const until = new Date();
  until.setFullYear(until.getFullYear() + YEARS);
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    keyType: 'ec',
    curve: 'P-256',
    notAfterDate: until,
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  await mkdir(path.dirname(keyFile), { recursive: true });
  await writeFile(keyFile, made.private, { mode: 0o600 });
  await writeFile(certFile, made.cert);
  return { key: made.private, cert: made.cert };
}
