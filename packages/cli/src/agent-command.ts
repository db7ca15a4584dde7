import path from 'node:path';
import { environment, parseConfig } from '@ranloop/kit/config';
import { createLog } from '@ranloop/kit/log';
import { createMetrics } from '@ranloop/kit/metrics';
import { RECIPES, recipeCommand } from '@ranloop/recipes/runner';
import { agentConfig, createAgent } from '@ranloop/training/agent';
import { Command } from 'commander';

interface AgentFlags {
  api: string;
  files: string;
  accessKey?: string;
  secretKey?: string;
  queue: string[];
  name?: string;
  slots: string;
  workFolder: string;
}

/** An agent by itself, on any host that reaches the tracking API. */
export function agentCommand(): Command {
  return new Command('agent')
    .description('Take tasks from queues of a Ranloop (or ClearML) server and run them here.')
    .option('--api <url>', 'tracking API', 'http://127.0.0.1:8008')
    .option('--files <url>', 'file server', 'http://127.0.0.1:8081')
    .option('--access-key <key>', 'or the environment variable CLEARML_API_ACCESS_KEY')
    .option('--secret-key <key>', 'or the environment variable CLEARML_API_SECRET_KEY')
    .option('--queue <name...>', 'queues, most urgent first', ['default'])
    .option('--name <name>', 'name of this worker (default: of the host)')
    .option('--slots <n>', 'tasks that run at the same time', '1')
    .option('--work-folder <folder>', 'for the files of running tasks', path.join('.ranloop', 'agent'))
    .addHelpText(
      'after',
      '\nExample:\n  ranloop agent --api http://server:8008 --files http://server:8081 --queue gpu default',
    )
    .action(async (flags: AgentFlags) => {
      const config = parseConfig(
        agentConfig,
        {
          apiUrl: flags.api,
          filesUrl: flags.files,
          accessKey: flags.accessKey ?? environment()['CLEARML_API_ACCESS_KEY'] ?? '',
          secretKey: flags.secretKey ?? environment()['CLEARML_API_SECRET_KEY'] ?? '',
          queues: flags.queue,
          ...(flags.name === undefined ? {} : { workerName: flags.name }),
          slots: Number(flags.slots),
          recipeCommand: recipeCommand(),
          recipes: RECIPES,
          workFolder: path.resolve(flags.workFolder),
        },
        'ranloop agent',
      );
      const agent = createAgent(config, { log: createLog({ level: 'info' }), metrics: createMetrics() });
      await agent.start();
      console.log(`Agent on ${config.queues.join(', ')} of ${config.apiUrl}; Ctrl-C ends it.`);
      await new Promise<void>((resolve) => {
        process.once('SIGINT', resolve);
        process.once('SIGTERM', resolve);
      });
      await agent.stop();
    });
}
