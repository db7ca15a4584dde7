import type {
  CounterSummary,
  ObjectSummary,
  Sample,
  SourceSummary,
  TelemetryQuery,
  TelemetryResult,
} from '@ranloop/contracts/r1';
import type { Point } from '../model.ts';

/** What an open PostgreSQL transaction offers to a store that lives in the same database. */
export interface Transaction {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<{ rows: Row[] }>;
  /** Takes back all that was done in it, and goes on. */
  restart(): Promise<void>;
  /** Runs once the transaction is durable, and not at all when it fails. */
  afterCommit(effect: () => void): void;
}

export interface LastFilter {
  readonly counters?: readonly string[];
  readonly sources?: readonly string[];
  readonly objects?: readonly string[];
}

export interface ListFilter {
  readonly source?: string;
  readonly most: number;
}

/** Time series of canonical samples. A value written twice for one series and time is stored once, the later one. */
export interface TelemetryStore {
  /** Makes whatever must exist before these points can be written, and refuses times it has no room for. */
  prepare(points: readonly Point[]): Promise<void>;
  /** On return the points are durable; a store in PostgreSQL writes inside `transaction` and they are durable with it. */
  write(points: readonly Point[], transaction: Transaction): Promise<void>;
  query(query: TelemetryQuery): Promise<TelemetryResult>;
  /** The newest sample of each series that matches. */
  last(filter: LastFilter): Promise<Sample[]>;
  sources(): Promise<SourceSummary[]>;
  objects(filter: ListFilter): Promise<ObjectSummary[]>;
  counters(filter: ListFilter): Promise<CounterSummary[]>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export { createPostgresStore } from './postgres.ts';
