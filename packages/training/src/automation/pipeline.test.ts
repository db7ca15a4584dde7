import type { Task } from '@ranloop/contracts/tracking';
import { parseConfig } from '@ranloop/kit/config';
import { describe, expect, it } from 'vitest';
import { automationConfig } from './config.ts';
import { fromController, toDag } from './dag.ts';
import { LOOP_PIPELINE } from './loop-pipeline.ts';
import { checkDefinition, type PipelineDefinition, sortParams } from './pipeline.ts';
import { resolve, taskOf } from './references.ts';

const to = (path: string) => `\${${path}}`;
const step = (name: string, params: PipelineDefinition['params']) =>
  ({ name, recipe: name, type: 'custom', queue: 'default', params }) as const;
const pipeline = (...steps: PipelineDefinition['steps']): PipelineDefinition => ({
  name: 'p',
  project: 'project',
  version: '1.0.0',
  description: '',
  params: { amount: 3, names: ['a'] },
  steps,
});
const done = (fields: Partial<Task>): Task => ({
  id: 'id-1',
  name: 'one',
  type: 'custom',
  status: 'completed',
  ...fields,
});

describe('references between steps', () => {
  const sources = {
    pipeline: { amount: 3, names: ['a', 'b'] },
    steps: new Map([
      [
        'one',
        done({
          execution: { artifacts: [{ key: 'out put', type: 'dict', mode: 'output', uri: 'http://f/x' }] },
          models: { input: [], output: [{ name: 'demand', model: 'model-1' }] },
        }),
      ],
    ]),
  };

  it('stand for ids, addresses and models of earlier steps, and keep the type of a parameter', () => {
    expect(resolve(taskOf('one'), sources)).toBe('id-1');
    expect(resolve(to('steps.one.artifacts.out put'), sources)).toBe('http://f/x');
    expect(resolve(to('steps.one.models.demand'), sources)).toBe('model-1');
    expect(resolve(to('pipeline.amount'), sources)).toBe(3);
    expect(resolve(to('pipeline.names'), sources)).toEqual(['a', 'b']);
    expect(resolve(`${to('pipeline.amount')}/${taskOf('one')}`, sources)).toBe('3/id-1');
    expect(resolve([taskOf('one'), 'x'], sources)).toEqual(['id-1', 'x']);
    expect(resolve(7, sources)).toBe(7);
  });

  it('are refused by name when what they mean is not there', () => {
    expect(() => resolve(to('steps.one.artifacts.none'), sources)).toThrow('wrote no artifact "none"');
    expect(() => resolve(to('steps.one.models.none'), sources)).toThrow('made no model "none"');
    expect(() => resolve(taskOf('two'), sources)).toThrow('step "two" has not run');
  });

  it('must point backwards to steps and parameters that there are', () => {
    expect(() => checkDefinition(LOOP_PIPELINE)).not.toThrow();
    expect(() => checkDefinition(pipeline(step('a', {}), step('b', { x: taskOf('a') })))).not.toThrow();
    expect(() => checkDefinition(pipeline(step('a', { x: taskOf('b') }), step('b', {})))).toThrow('step "a" refers to');
    expect(() => checkDefinition(pipeline(step('a', { x: to('pipeline.other') })))).toThrow('pipeline.other');
    expect(() => checkDefinition(pipeline(step('a', {}), step('a', {})))).toThrow('two steps are called "a"');
  });
});

describe('parameters of a run', () => {
  const definition = pipeline(step('train', {}), step('train-more', {}));

  it('go to the pipeline or to the step that they name', () => {
    const given = { amount: 5, 'train.epochs': 9, 'train-more.lr': 0.1, 'train.a.b': 'x' };
    expect(sortParams(definition, given)).toEqual({
      pipeline: { amount: 5, names: ['a'] },
      steps: { train: { epochs: 9, 'a.b': 'x' }, 'train-more': { lr: 0.1 } },
    });
  });

  it('are refused when nobody knows them or their kind is wrong', () => {
    const given = { amount: '5', names: [1], 'train.': 1, toString: 'x', other: 1 };
    expect(() => sortParams(definition, given)).toThrow(
      expect.objectContaining({
        code: 'RL_INVALID',
        fields: ['amount', 'names', 'train.', 'toString', 'other'].map((name) =>
          expect.objectContaining({ path: `/params/${name}` }),
        ),
      }),
    );
  });
});

describe('the plan in the controller', () => {
  it('gives the run back', () => {
    const definition = pipeline(step('a', {}), step('b', { x: taskOf('a') }), step('c', {}));
    const run = {
      id: 'c-1',
      pipeline: 'p',
      state: 'running' as const,
      reason: 'drift',
      started: '2026-01-02T03:04:05.000Z',
      params: { amount: 3, names: ['a'], 'a.on': true, 'a.text': 'True' },
      steps: [
        {
          name: 'a',
          recipe: 'a',
          state: 'done' as const,
          taskId: 't-1',
          started: '2026-01-02T03:04:06.000Z',
          ended: '2026-01-02T03:04:07.500Z',
        },
        { name: 'b', recipe: 'b', state: 'running' as const, taskId: 't-2' },
        { name: 'c', recipe: 'c', state: 'waiting' as const },
      ],
    };
    const item = (section: string, name: string, [value, type]: [string, string]) => ({ section, name, value, type });
    const controller = done({
      id: 'c-1',
      status: 'in_progress',
      started: run.started,
      configuration: { Pipeline: { name: 'Pipeline', value: JSON.stringify(toDag(run, definition, new Map())) } },
      hyperparams: {
        properties: { reason: item('properties', 'reason', ['drift', 'str']) },
        Args: {
          amount: item('Args', 'amount', ['3', 'int']),
          names: item('Args', 'names', ['["a"]', 'list']),
          'a.on': item('Args', 'a.on', ['True', 'bool']),
          'a.text': item('Args', 'a.text', ['True', 'str']),
        },
      },
    });
    expect(fromController(controller, 'p')).toEqual(run);
  });

  it('may be anything when people edited it', () => {
    for (const value of ['', 'not json', '[]', 'null', '{"a": null, "b": 7}']) {
      const controller = done({ configuration: { Pipeline: { name: 'Pipeline', value } } });
      expect(fromController(controller, 'p').steps.every(({ state }) => state === 'waiting')).toBe(true);
    }
  });
});

describe('the configuration', () => {
  it('holds the loop unless told otherwise, and names what is wrong', () => {
    const keys = { apiUrl: 'http://a', filesUrl: 'http://f', accessKey: 'k', secretKey: 's' };
    const config = parseConfig(automationConfig, keys, 'automation');
    expect(config.pipelines[0]?.steps.map(({ name }) => name)).toEqual([
      'extract',
      'train',
      'evaluate',
      'publish',
      'deploy',
    ]);
    const wrong = { ...keys, pipelines: [{ ...LOOP_PIPELINE, steps: [{ ...step('a', {}), recipe: '../x' }] }] };
    expect(() => parseConfig(automationConfig, wrong, 'automation')).toThrow('/pipelines/0/steps/0/recipe');
  });
});
