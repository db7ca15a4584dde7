import type { RicRequestID } from '@ranloop/contracts/e2';

/** OSC's subscription manager asks for everything under this requestor id; nodes see one requestor. */
const REQUESTOR = 123;
const INSTANCES = 65_535;

export type RequestKind = 'subscription' | 'delete' | 'control';

/** A request that a node has not answered yet. */
export interface Pending {
  readonly id: RicRequestID;
  readonly kind: RequestKind;
  readonly xid: string;
  /** Who asked, for a subscription. */
  readonly client: string;
  readonly ranFunctionID: number;
  readonly actions: number;
}

export interface Subscription {
  readonly id: RicRequestID;
  readonly client: string;
  readonly ranFunctionID: number;
  readonly actions: number;
}

/** RIC request ids of one node: no id is given out while a request or a subscription holds it. */
export interface RequestTable {
  /** Undefined when the node has too much to answer already. */
  begin(request: Omit<Pending, 'id'>, timing: { ms: number; late: (pending: Pending) => void }): Pending | undefined;
  /** Takes the request off when it is of this kind; undefined when nobody waits for it (any more). */
  finish(id: RicRequestID, kinds: readonly RequestKind[]): Pending | undefined;
  readonly subscriptions: Map<number, Subscription>;
  /** Takes all requests off, without an answer. */
  clear(): Pending[];
}

export function createRequestTable(most: number): RequestTable {
  const pending = new Map<number, { request: Pending; timer: NodeJS.Timeout }>();
  const subscriptions = new Map<number, Subscription>();
  let last = 0;
  const take = (instance: number) => {
    const entry = pending.get(instance);
    pending.delete(instance);
    if (entry) clearTimeout(entry.timer);
    return entry?.request;
  };
  return {
    subscriptions,
    begin(request, { ms, late }) {
      if (pending.size >= most) return undefined;
      do last = (last % INSTANCES) + 1;
      while (pending.has(last) || subscriptions.has(last));
      const begun: Pending = { ...request, id: { ricRequestorID: REQUESTOR, ricInstanceID: last } };
      const timer = setTimeout(() => {
        if (take(begun.id.ricInstanceID)) late(begun);
      }, ms);
      pending.set(last, { request: begun, timer });
      return begun;
    },
    finish(id, kinds) {
      const entry = pending.get(id.ricInstanceID);
      if (!entry || id.ricRequestorID !== REQUESTOR || !kinds.includes(entry.request.kind)) return undefined;
      return take(id.ricInstanceID);
    },
    clear() {
      subscriptions.clear();
      return [...pending.keys()].map(take).filter((request) => request !== undefined);
    },
  };
}
