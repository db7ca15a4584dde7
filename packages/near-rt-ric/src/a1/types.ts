import {
  ORAN_SLICE_SLA_TARGET,
  OranSliceSlaTarget,
  PolicyStatusObject,
  type PolicyTypeObject,
  RANLOOP_SLICE_SLA_TARGET,
  RanloopSliceSlaTarget,
} from '@ranloop/contracts/a1';
import { type FieldProblem, RanloopError } from '@ranloop/contracts/errors';
import { Ajv, type ErrorObject } from 'ajv';
import type { TSchema } from 'typebox';

export interface PolicyType {
  readonly id: string;
  readonly object: PolicyTypeObject;
  /** Throws RL_INVALID that names every field refused. */
  check(policy: unknown): asserts policy is Record<string, unknown>;
  /** Equal for equal scopes, whatever the order of their keys. */
  scopeKey(policy: Record<string, unknown>): string;
}

const DRAFT = 'http://json-schema.org/draft-07/schema#';
const MOST_PROBLEMS = 20;

/** The policy types of this RIC; what they accept is what their schemas on the wire say, checked by the same schemas. */
export function createPolicyTypes(): ReadonlyMap<string, PolicyType> {
  const ajv = new Ajv({ allErrors: true, strict: true });
  const types = [
    policyType(ajv, ORAN_SLICE_SLA_TARGET, OranSliceSlaTarget),
    policyType(ajv, RANLOOP_SLICE_SLA_TARGET, RanloopSliceSlaTarget, orderOfRatios),
  ];
  return new Map(types.map((type) => [type.id, type]));
}

function policyType(
  ajv: Ajv,
  id: string,
  schema: TSchema,
  further: (policy: Record<string, unknown>) => FieldProblem[] = () => [],
): PolicyType {
  const policySchema: Record<string, unknown> = { $schema: DRAFT, title: id, ...plain(schema) };
  const validate = ajv.compile(policySchema);
  return {
    id,
    object: { policySchema, statusSchema: { $schema: DRAFT, ...plain(PolicyStatusObject) } },
    check(policy) {
      const fields = validate(policy) ? further(policy as Record<string, unknown>) : problemsOf(validate.errors ?? []);
      const first = fields[0];
      if (first)
        throw new RanloopError('RL_INVALID', `policy: ${first.path || '/'} ${first.problem}`, {
          fields: fields.slice(0, MOST_PROBLEMS),
        });
    },
    scopeKey: (policy) => canonical(policy['scope']),
  };
}

/** A TypeBox schema is JSON Schema plus marks of its own, which are no enumerable JSON. */
function plain(schema: TSchema): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema)) as Record<string, unknown>;
}

function problemsOf(errors: readonly ErrorObject[]): FieldProblem[] {
  return errors.map(({ instancePath, message = 'refused', params, keyword }) => {
    const at = (key: string) => `${instancePath}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (keyword === 'additionalProperties')
      return { path: at(String(params['additionalProperty'])), problem: 'is not a known field' };
    if (keyword === 'required') return { path: at(String(params['missingProperty'])), problem: 'is required' };
    return { path: instancePath, problem: message };
  });
}

/** What JSON Schema cannot say: dedicated <= min <= max. */
function orderOfRatios(policy: Record<string, unknown>): FieldProblem[] {
  const { minPrbRatio, maxPrbRatio, dedicatedPrbRatio } = policy['sliceSlaResources'] as Record<string, number>;
  const problems: FieldProblem[] = [];
  if (Number(minPrbRatio) > Number(maxPrbRatio))
    problems.push({ path: '/sliceSlaResources/minPrbRatio', problem: 'must not be over maxPrbRatio' });
  if (Number(dedicatedPrbRatio) > Number(minPrbRatio))
    problems.push({ path: '/sliceSlaResources/dedicatedPrbRatio', problem: 'must not be over minPrbRatio' });
  return problems;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'string') return member.toLowerCase();
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
