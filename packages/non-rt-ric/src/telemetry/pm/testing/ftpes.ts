import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { createSecureContext, createServer as createTlsServer, type Server, TLSSocket } from 'node:tls';
import { TEST_TLS } from './tls.ts';

/** FTP with AUTH TLS (RFC 4217) and extended passive mode (RFC 2428), files in memory; enough to fetch from. */
export interface TestFtpes {
  readonly port: number;
  /** The commands that were sent, in order. */
  readonly commands: string[];
  stop(): Promise<void>;
}

export async function createTestFtpes(
  files: ReadonlyMap<string, Buffer>,
  { user, password }: { user: string; password: string },
): Promise<TestFtpes> {
  const commands: string[] = [];
  const sockets = new Set<Socket>();

  function serve(socket: Socket, secure: boolean): void {
    let name = '';
    let data: Server | undefined;
    const say = (line: string) => void socket.write(`${line}\r\n`);
    socket.on('error', () => undefined);
    const lines = createInterface({ input: socket });
    lines.on('line', async (line) => {
      commands.push(line);
      const [, verb = '', argument = ''] = /^(\S+) ?(.*)$/.exec(line) ?? [];
      if (verb === 'AUTH') {
        say('234 go on');
        lines.close();
        socket.removeAllListeners('data');
        serve(new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(TEST_TLS) }), true);
      } else if (verb === 'USER') {
        name = argument;
        say(secure ? '331 password' : '530 not without TLS');
      } else if (verb === 'PASS') say(name === user && argument === password ? '230 in' : '530 no');
      else if (verb === 'EPSV') {
        const passive = createTlsServer(TEST_TLS);
        data = passive;
        passive.listen(0, '127.0.0.1', () => say(`229 here (|||${(passive.address() as AddressInfo).port}|)`));
      } else if (verb === 'RETR') {
        const body = files.get(argument);
        if (!body) return say('550 no such file');
        say('150 here it comes');
        data?.once('secureConnection', (transfer) => {
          transfer.on('error', () => undefined);
          transfer.end(body, () => say('226 done'));
          data?.close();
        });
      } else if (['TYPE', 'PBSZ', 'PROT', 'OPTS', 'STRU'].includes(verb)) say('200 yes');
      else say('502 no');
    });
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.write('220 ready\r\n');
    serve(socket, false);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    commands,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
