import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@ranloop/kit/postgres';

export interface TestKafka {
  /** `host:port` */
  readonly address: string;
  start(): Promise<void>;
  /** Kills the broker at once, as a power cut would. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const HEAP = ['-Xms64m', '-Xmx320m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const READY_MS = 180_000;

/** A real broker in KRaft mode (broker and controller in one process), its data in a temporary folder; not started yet. */
export async function createTestKafka(classPath: string): Promise<TestKafka> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ranloop-kafka-'));
  const [port, controller] = [await freePort(), await freePort()];
  const properties = path.join(folder, 'server.properties');
  const lines = [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names=CONTROLLER',
    `log.dirs=${path.join(folder, 'data')}`,
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=1',
    'group.initial.rebalance.delay.ms=0',
    'auto.create.topics.enable=false',
  ];
  await writeFile(properties, `${lines.join('\n')}\n`);
  const java = ['-cp', classPath, ...HEAP];
  const format = ['kafka.tools.StorageTool', 'format', '-t', 'UmFubG9vcFRlc3RLYWZrYQ', '-c', properties];
  await promisify(execFile)('java', [...java, ...format]);
  let child: ChildProcess | undefined;

  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await ended;
  }

  return {
    address: `127.0.0.1:${port}`,
    async start() {
      child = spawn('java', [...java, 'kafka.Kafka', properties], { stdio: 'ignore' });
      const until = Date.now() + READY_MS;
      while (!(await answers(port))) {
        if (Date.now() > until || child.exitCode !== null) throw new Error('the broker did not start');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (up: boolean) => {
      socket.destroy();
      resolve(up);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}
