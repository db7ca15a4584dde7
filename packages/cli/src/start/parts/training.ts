import path from 'node:path';
import { parseConfig } from '@ranloop/kit/config';
import { type NamedService, named } from '@ranloop/kit/lifecycle';
import { RECIPES, recipeCommand } from '@ranloop/recipes/runner';
import { agentConfig, createAgent } from '@ranloop/training/agent';
import { type Automation, automationConfig, createAutomation } from '@ranloop/training/automation';
import { createFiles, filesConfig } from '@ranloop/training/files';
import { createTracking, type Tracking, trackingConfig } from '@ranloop/training/tracking';
import { installationPipelines } from '../../loop/pipelines.ts';
import { createFileStore, fileAddresses } from '../files.ts';
import type { PartContext } from './context.ts';

export interface TrainingPart {
  readonly tracking: Tracking;
  readonly automation: Automation;
  readonly rooms: readonly NamedService[];
  /** Clients of our own ports, to be started when those listen. */
  readonly clients: readonly NamedService[];
}

/** The ClearML framework: tracking, files, automation, one agent. */
export function createTraining(context: PartContext): TrainingPart {
  const { options, hosts, database, auth, data, urls, log, metrics } = context;
  const store = createFileStore(options, data.folder);
  const files = createFiles(
    parseConfig(filesConfig, { auth: options.filesAuth, addresses: fileAddresses(urls.files, options) }, 'files'),
    { http: hosts.files.app, auth, blobs: store.blobs, log, metrics },
  );
  const tracking = createTracking(parseConfig(trackingConfig, {}, 'tracking'), {
    http: hosts.api.app,
    database,
    auth,
    log,
    metrics,
    files: files.removal,
  });
  const { accessKey, secretKey } = data.credentials;
  const session = { apiUrl: urls.api, filesUrl: urls.files, accessKey, secretKey };
  const automation = createAutomation(
    parseConfig(automationConfig, { ...session, pipelines: installationPipelines(urls) }, 'automation'),
    {
      r1: hosts.r1.app,
      auth,
      log,
      metrics,
    },
  );
  const agent = createAgent(
    parseConfig(
      agentConfig,
      { ...session, recipeCommand: recipeCommand(), recipes: RECIPES, workFolder: path.join(data.folder, 'agent') },
      'agent',
    ),
    { log, metrics },
  );
  return {
    tracking,
    automation,
    rooms: [...store.services, named('tracking', tracking), named('files', files)],
    clients: [named('automation', automation), named('agent', agent)],
  };
}
