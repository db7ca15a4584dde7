import { request } from 'node:https';
import { TEST_BASIC } from '@ranloop/kit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TEST_TLS } from '../pm/testing/tls.ts';
import { createRig, measurement, type Rig } from '../testing/rig.ts';
import { createGuard } from './guard.ts';

/** Of the same subject as TEST_TLS, but of no CA that the port knows. */
const STRANGER = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkAZH3rf3XmZg6bKY
mrRmV77gmLjDtQ8VGN1sQ+YqCNihRANCAAQTrrZiXXhq9dA1CnVsIb8HmA3gTDIF
gjeOqHz1+c41VFi8WalA6oumoX5m3c86lRrQDA2CLiubmd0CxG54/1lZ
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIURYbSuSpF9DjAHqP8g8WygeV5M2QwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTA0MjQzNFoYDzIxMjYxMTAx
MDQyNDM0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQTrrZiXXhq9dA1CnVsIb8HmA3gTDIFgjeOqHz1+c41VFi8WalA6oum
oX5m3c86lRrQDA2CLiubmd0CxG54/1lZo1MwUTAdBgNVHQ4EFgQUxigqzBR29RMD
P/v9NSQYMgTKiPIwHwYDVR0jBBgwFoAUxigqzBR29RMDP/v9NSQYMgTKiPIwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAeKdR63YCdjKHSfYjfboJU
cVEeXw/g9NO9RPSQFNsIGAIgUX3WrTEY1oIRvDRgoz8Nh+80zVrOabA+UjB20pEP
BCg=
-----END CERTIFICATE-----`,
};

interface Client {
  readonly key?: string;
  readonly cert?: string;
  readonly authorization?: string;
}

/** Posts an event over TLS; gives the status. */
function send(rig: Rig, { authorization, ...certificate }: Client, body?: string): Promise<number> {
  const event = measurement({ eventId: 'tls', source: 'tls', objects: { a: { b: '1' } } });
  const headers = { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) };
  return new Promise((resolve, reject) => {
    const sent = request(
      `${rig.guarded}/eventListener/v7`,
      { method: 'POST', headers, agent: false, ca: TEST_TLS.cert, ...certificate },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.on('error', reject);
    sent.end(body ?? JSON.stringify({ event }));
  });
}

const NOBODY: Client = {};
const BASIC: Client = { authorization: TEST_BASIC };
const KNOWN: Client = { key: TEST_TLS.key, cert: TEST_TLS.cert };

describe.each([
  ['basic', [401, 202, 401, 401, 202]],
  ['certificate', [401, 401, 202, 401, 202]],
  ['either', [401, 202, 202, 401, 202]],
  ['both', [401, 401, 401, 401, 202]],
] as const)('with vesAuth %s', (vesAuth, expected) => {
  let rig: Rig;
  beforeAll(async () => {
    const tls = { ...TEST_TLS, ca: TEST_TLS.cert, requestCert: true };
    rig = await createRig({ vesAuth, vesSubjects: ['CN=other', 'CN=local*'] }, undefined, tls);
  });
  afterAll(() => rig.stop());

  test('nobody, a key, a certificate, a certificate of another CA, and both are told apart', async () => {
    const clients = [NOBODY, BASIC, KNOWN, STRANGER, { ...BASIC, ...KNOWN }];
    const statuses: number[] = [];
    for (const client of clients) statuses.push(await send(rig, client));
    expect(statuses).toEqual(expected);
  });

  test('who is asked for before what is sent', async () => {
    expect(await send(rig, STRANGER, '{')).toBe(401);
  });
});

test('a certificate of the CA with a subject that is not listed is refused', async () => {
  const tls = { ...TEST_TLS, ca: TEST_TLS.cert, requestCert: true };
  const rig = await createRig(
    { vesAuth: 'certificate', vesSubjects: ['CN=gnb-*', 'CN=localhost,O=Acme'] },
    undefined,
    tls,
  );
  expect(await send(rig, KNOWN)).toBe(401);
  await rig.stop();
});

test('a subject that says nothing ends the start', () => {
  for (const subject of ['gnb', 'CN=', '=x', 'CN=a,b'])
    expect(() => createGuard({ vesAuth: 'certificate', vesSubjects: [subject] }, {} as never)).toThrow('subject');
});
