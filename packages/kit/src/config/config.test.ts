import Type from 'typebox';
import { expect, test } from 'vitest';
import { childEnvironment, parseConfig } from './index.ts';

const schema = Type.Object(
  { port: Type.Integer({ default: 8080, minimum: 1 }), name: Type.Optional(Type.String()) },
  { additionalProperties: false },
);

test('what is not given takes its default', () => {
  expect(parseConfig(schema, {}, 'room')).toEqual({ port: 8080 });
  expect(parseConfig(schema, undefined, 'room')).toEqual({ port: 8080 });
});

test('each wrong field is named, with what it must be', () => {
  const attempt = () => parseConfig(schema, { port: 0, nmae: 'x' }, 'telemetry');
  expect(attempt).toThrow(/configuration of telemetry/);
  try {
    attempt();
  } catch (error) {
    expect(error).toMatchObject({
      code: 'RL_CONFIG',
      fields: expect.arrayContaining([
        { path: '/nmae', problem: 'is not a known field' },
        { path: '/port', problem: 'must be >= 1' },
      ]),
    });
  }
});

test('a variable that is set to undefined is taken away from the child', () => {
  expect(childEnvironment({ PATH: undefined, NEW: 'x' })).toMatchObject({ NEW: 'x' });
  expect('PATH' in childEnvironment({ PATH: undefined })).toBe(false);
});
