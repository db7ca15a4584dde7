import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type FieldProblem, RanloopError } from '../errors/index.ts';

/** Checks a value against a schema: returns it typed, or throws RL_INVALID that names every field refused (at most 20). */
export type Check<T> = (value: unknown, what?: string) => T;

const MOST_PROBLEMS = 20;

/** Compiles a schema once, at module load of its owner; the returned check is a pure function. */
export function checker<S extends TSchema>(schema: S): Check<Static<S>> {
  const compiled = Compile(schema);
  return (value, what = 'value') => {
    if (compiled.Check(value)) return value as Static<S>;
    const fields = fieldProblems(compiled.Errors(value));
    const first = fields[0];
    const more = fields.length > 1 ? ` (and ${fields.length - 1} more)` : '';
    throw new RanloopError(
      'RL_INVALID',
      `${what}: ${first ? `${first.path || '/'} ${first.problem}` : 'refused'}${more}`,
      {
        fields,
      },
    );
  };
}

interface SchemaError {
  keyword: string;
  instancePath: string;
  params: object;
  message: string;
}

/** Names unknown and missing keys themselves, not only the object that holds them. */
function fieldProblems(errors: readonly SchemaError[]): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const error of errors) {
    if (problems.length >= MOST_PROBLEMS) break;
    if (error.keyword === 'boolean') continue;
    problems.push(...expand(error));
  }
  return problems;
}

function expand(error: SchemaError): FieldProblem[] {
  const params = error.params as {
    requiredProperties?: string[];
    additionalProperties?: string[];
    allowedValues?: unknown[];
  };
  const at = (key: string) => `${error.instancePath}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  if (error.keyword === 'required' && params.requiredProperties)
    return params.requiredProperties.map((key) => ({ path: at(key), problem: 'is required' }));
  if (error.keyword === 'additionalProperties' && params.additionalProperties)
    return params.additionalProperties.map((key) => ({ path: at(key), problem: 'is not a known field' }));
  const allowed = params.allowedValues
    ? `: ${params.allowedValues.map((value) => JSON.stringify(value)).join(', ')}`
    : '';
  return [{ path: error.instancePath, problem: `${error.message}${allowed}` }];
}
