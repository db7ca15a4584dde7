import type { Authenticator } from '@ranloop/kit/auth';
import type { Log } from '@ranloop/kit/log';
import type { Metrics } from '@ranloop/kit/metrics';
import type { Database } from '@ranloop/kit/postgres';
import type { DataFolder } from '../data-folder.ts';
import type { Hosts } from '../hosts.ts';
import type { StartOptions } from '../options.ts';
import type { PortName } from '../ports.ts';

/** What every part of the composition is given. */
export interface PartContext {
  readonly options: StartOptions;
  readonly data: DataFolder;
  readonly urls: Readonly<Record<PortName, string>>;
  readonly hosts: Hosts;
  readonly database: Database;
  readonly auth: Authenticator;
  /** The header with which rooms of this process call each other. */
  readonly authorization: () => Promise<string>;
  readonly log: Log;
  readonly metrics: Metrics;
}
