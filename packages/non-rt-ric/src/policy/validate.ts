import { type FieldProblem, RanloopError } from '@ranloop/contracts/errors';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';

const MOST_PROBLEMS = 20;

/** Checks a policy against the schema its RIC gave for the type, so that the refusal names the field. `at` is where the policy lies in the request. */
export type PolicyCheck = (policyObject: unknown, at: string) => void;

/** A schema that cannot be compiled checks nothing: the RIC has the last word anyway. */
export function policyCheck(typeId: string, schema: Record<string, unknown>): PolicyCheck {
  let validate: ValidateFunction | undefined;
  try {
    const { $schema: _dialect, $id: _id, ...plain } = schema;
    validate = new Ajv({ strict: false, allErrors: true, validateFormats: false, logger: false }).compile(plain);
  } catch {
    return () => undefined;
  }
  return (policyObject, at) => {
    if (validate(policyObject)) return;
    const fields = (validate.errors ?? []).slice(0, MOST_PROBLEMS).map((error) => problemOf(error, at));
    const first = fields[0];
    throw new RanloopError('RL_INVALID', `policy of type ${typeId}: ${first?.path || '/'} ${first?.problem}`, {
      fields,
    });
  };
}

function problemOf({ instancePath, keyword, message, params }: ErrorObject, at: string): FieldProblem {
  const path = at + instancePath;
  if (keyword === 'required') return { path: `${path}/${params['missingProperty']}`, problem: 'is required' };
  if (keyword === 'additionalProperties')
    return { path: `${path}/${params['additionalProperty']}`, problem: 'is not a known field' };
  return { path, problem: message ?? 'is refused' };
}
