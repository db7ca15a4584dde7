import path from 'node:path';
import { RanloopError } from '@ranloop/contracts/errors';
import { createInference, InferenceConfig } from '@ranloop/inference';
import { parseConfig } from '@ranloop/kit/config';
import { type NamedService, named } from '@ranloop/kit/lifecycle';
import { createPolicy } from '@ranloop/non-rt-ric/policy';
import { createRapps, type Rapps, rappsConfig } from '@ranloop/non-rt-ric/rapps';
import { createTelemetry, telemetryConfig } from '@ranloop/non-rt-ric/telemetry';
import { readKafka } from '../kafka.ts';
import { readPmFiles } from '../pm-files.ts';
import { vesSettings } from '../ves.ts';
import type { PartContext } from './context.ts';

/** The name by which the Non-RT RIC's policies know the Near-RT RIC of this installation. */
export const RIC_ID = 'ric1';

export interface NonRtRicPart {
  readonly rapps: Rapps;
  readonly rooms: readonly NamedService[];
}

/** Telemetry, inference, policy and rApps. */
export function createNonRtRic(context: PartContext): NonRtRicPart {
  const { options, hosts, database, auth, data, urls, log, metrics, authorization } = context;
  const store = options.influxUrl === undefined ? {} : { store: 'influx', influxUrl: options.influxUrl };
  const telemetryGiven = {
    ...store,
    ...readKafka(options),
    ...vesSettings(options),
    pmFiles: readPmFiles(options.pmFiles),
  };
  const telemetry = createTelemetry(parseConfig(telemetryConfig, telemetryGiven, 'telemetry'), {
    // The plain port asks for no password where only this machine can reach it.
    ves: [
      { app: hosts.ves.app, open: isLoopback(options.host) },
      { app: hosts.vesTls.app, open: false },
    ],
    r1: hosts.r1.app,
    database,
    auth,
    log,
    metrics,
    stateFolder: path.join(data.folder, 'telemetry'),
  });
  const inference = createInference(
    parseConfig(InferenceConfig, { modelsFolder: path.join(data.folder, 'models'), filesUrl: urls.files }, 'inference'),
    { http: hosts.inference.app, auth, log, metrics, authorization },
  );
  const rics = [{ ricId: RIC_ID, baseUrl: urls.a1, managedElementIds: [] }, ...furtherRics(options.rics)];
  const policy = createPolicy({ rics, callbackBaseUrl: urls.r1 }, { r1: hosts.r1.app, database, auth, log, metrics });
  const rapps = createRapps(
    parseConfig(
      rappsConfig,
      { r1Url: urls.r1, inferenceUrl: urls.inference, sliceAssurance: { ricId: RIC_ID } },
      'rapps',
    ),
    { r1: hosts.r1.app, database, auth, log, metrics, authorization },
  );
  return {
    rapps,
    rooms: [
      named('telemetry', telemetry),
      named('inference', inference),
      named('policy', policy),
      named('rapps', rapps),
    ],
  };
}

/** `lab=http://10.0.0.5:10000,other=http://ric:10000` */
function furtherRics(text: string | undefined): { ricId: string; baseUrl: string; managedElementIds: string[] }[] {
  return (text?.split(',') ?? []).map((pair) => {
    const [, ricId, baseUrl] = /^\s*([A-Za-z0-9._-]+)=(https?:\/\/\S+?)\s*$/.exec(pair) ?? [];
    if (ricId === undefined || baseUrl === undefined || ricId === RIC_ID)
      throw new RanloopError('RL_CONFIG', `--rics: "${pair}" must be name=url, where the name is not ${RIC_ID}`);
    return { ricId, baseUrl: baseUrl.replace(/\/+$/, ''), managedElementIds: [] };
  });
}

function isLoopback(host: string): boolean {
  return host === '127.0.0.1' || host === '::1' || host === 'localhost';
}
