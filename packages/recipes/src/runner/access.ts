import { RanloopError } from '@ranloop/contracts/errors';

/** Where a recipe finds its task, and with which key; as `clearml-agent` hands it to what it runs. */
export interface Access {
  readonly taskId: string;
  readonly apiUrl: string;
  readonly filesUrl: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly worker: string | undefined;
}

/** RL_CONFIG names what the environment lacks. */
export function accessOf(environment: Readonly<Record<string, string | undefined>>): Access {
  const need = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '')
      throw new RanloopError('RL_CONFIG', `the environment lacks ${name}; a recipe is started by an agent`);
    return value;
  };
  return {
    taskId: need('CLEARML_TASK_ID'),
    apiUrl: need('CLEARML_API_HOST'),
    filesUrl: need('CLEARML_FILES_HOST'),
    accessKey: need('CLEARML_API_ACCESS_KEY'),
    secretKey: need('CLEARML_API_SECRET_KEY'),
    worker: environment['CLEARML_WORKER_ID'],
  };
}
