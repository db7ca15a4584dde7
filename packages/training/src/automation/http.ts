import { RanloopError } from '@ranloop/contracts/errors';
import { type PipelineRunAccepted, PipelineRunRequest, R1_TRAINING } from '@ranloop/contracts/r1';
import { checker } from '@ranloop/contracts/schema';
import type { Authenticator } from '@ranloop/kit/auth';
import { requireIdentity } from '@ranloop/kit/http';
import type { Session } from '@ranloop/sdk/session';
import type { FastifyInstance } from 'fastify';
import { listControllers } from './controller.ts';
import type { PipelineDefinition } from './pipeline.ts';
import type { Runs } from './runs.ts';

export interface HttpParts {
  readonly pipelines: readonly PipelineDefinition[];
  readonly auth: Authenticator;
  readonly session: Session;
  /** RL_BUSY until the tracking server has answered. */
  readonly runs: () => Promise<Runs>;
}

const checkRequest = checker(PipelineRunRequest);

type Name = { Params: { name: string } };
type NameAndRun = { Params: { name: string; run: string } };

export function registerTraining(app: FastifyInstance, { pipelines, auth, session, runs }: HttpParts): void {
  const find = (name: string) => {
    const found = pipelines.find((pipeline) => pipeline.name === name);
    if (!found) throw new RanloopError('RL_NOT_FOUND', `there is no pipeline "${name.slice(0, 100)}"`);
    return found;
  };
  const findRun = async ({ name, run }: NameAndRun['Params']) => {
    const definition = find(name);
    const active = (await runs()).active(name);
    if (active?.run.id === run) return active.run;
    const [found] = await listControllers(session, definition, { id: run });
    if (!found) throw new RanloopError('RL_NOT_FOUND', `pipeline "${name}" has no run "${run.slice(0, 100)}"`);
    return found;
  };

  app.register(
    async (scope) => {
      requireIdentity(scope, auth);
      scope.get('/pipelines', async () => ({ pipelines }));
      scope.post<Name>('/pipelines/:name/runs', async (request, reply) => {
        const definition = find(request.params.name);
        const { active, joined } = await (await runs()).start(definition, checkRequest(request.body, 'run'));
        const accepted: PipelineRunAccepted = { runId: active.run.id, joined };
        return reply
          .code(202)
          .header('location', `${R1_TRAINING}/pipelines/${definition.name}/runs/${active.run.id}`)
          .send(accepted);
      });
      scope.get<Name>('/pipelines/:name/runs', async ({ params }) => {
        const list = await listControllers(session, find(params.name));
        const active = (await runs()).active(params.name)?.run;
        return { runs: list.map((run) => (run.id === active?.id ? active : run)) };
      });
      scope.get<NameAndRun>('/pipelines/:name/runs/:run', ({ params }) => findRun(params));
      scope.post<NameAndRun>('/pipelines/:name/runs/:run/stop', async ({ params }, reply) => {
        const run = await findRun(params);
        const active = (await runs()).active(params.name);
        if (active?.run.id !== run.id) throw new RanloopError('RL_CONFLICT', `run "${run.id}" is not under way`);
        active.cancel();
        return reply.code(202).send({ runId: run.id });
      });
    },
    { prefix: R1_TRAINING },
  );
}
