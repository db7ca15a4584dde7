import type { PolicyHistory } from '@ranloop/contracts/r1';
import { requestJson } from './http.ts';

export type { PolicyHistory };

const POLICIES = '/a1-policy-management/v1';

export const getPolicyHistory = (id: string, signal?: AbortSignal) =>
  requestJson<PolicyHistory>(`${POLICIES}/policies/${encodeURIComponent(id)}/history`, { signal });
