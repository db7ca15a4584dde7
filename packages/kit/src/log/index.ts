import pino from 'pino';

/** The logger every room is given. Structured, one JSON object a line on standard error or in a file. */
export type Log = pino.Logger;

export interface LogConfig {
  level: string;
  /** A file to append to; standard error when absent. */
  file?: string;
}

export function createLog(config: LogConfig): Log {
  const destination = config.file
    ? pino.destination({ dest: config.file, mkdir: true, sync: false })
    : pino.destination({ dest: 2, sync: true });
  return pino({ level: config.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

export function silentLog(): Log {
  return pino({ level: 'silent' });
}
