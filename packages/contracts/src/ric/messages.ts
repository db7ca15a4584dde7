import type { PolicyStatusObject } from '../a1/index.ts';
import type { Cause, E2apValue, RicActionNotAdmitted, RicActionToBeSetup, RicRequestID } from '../e2/index.ts';
import type { NodeInfo } from './management.ts';
import type { RMR } from './rmr.ts';

/** `meid` is the RAN name of the E2 node; `xid` is chosen by the asker and returned with the answer. */
interface Addressed {
  readonly meid: string;
  readonly xid: string;
}

/** What the bus of the Near-RT RIC carries, by RMR name. Octets are lower-case hex. */
export interface RicMessages {
  /** An E2 node is connected, or has been reset: it holds no subscriptions. */
  RIC_E2_SETUP_RESP: { readonly meid: string; readonly node: NodeInfo };
  /** An E2 node is gone, or is about to be set up anew; nothing that was under way at it will be answered. */
  RIC_SCTP_CONNECTION_FAILURE: { readonly meid: string; readonly reason: string };
  /** Asks for a RIC_E2_SETUP_RESP of each connected node. In OSC an xApp reads the R-NIB instead, so it has no number. */
  E2_NODE_QUERY: Record<string, never>;

  RIC_SUB_REQ: Addressed & {
    /** Name of the xApp that asks. */
    readonly client: string;
    readonly ranFunctionID: number;
    readonly eventTriggerDefinition: string;
    readonly actions: readonly RicActionToBeSetup[];
  };
  RIC_SUB_RESP: Addressed & {
    readonly ricRequestID: RicRequestID;
    readonly admitted: readonly number[];
    readonly notAdmitted: readonly RicActionNotAdmitted[];
  };
  RIC_SUB_FAILURE: Addressed & { readonly cause: Cause };
  RIC_SUB_DEL_REQ: Addressed & { readonly ranFunctionID: number; readonly ricRequestID: RicRequestID };
  RIC_SUB_DEL_RESP: Addressed & { readonly ricRequestID: RicRequestID };
  RIC_INDICATION: { readonly meid: string; readonly indication: E2apValue<'RICindication'> };

  RIC_CONTROL_REQ: Addressed & {
    readonly ranFunctionID: number;
    readonly controlHeader: string;
    readonly controlMessage: string;
  };
  RIC_CONTROL_ACK: Addressed & { readonly controlOutcome?: string };
  RIC_CONTROL_FAILURE: Addressed & { readonly cause: Cause; readonly controlOutcome?: string };

  /** `revision` counts the contents that a policy has had; an answer to an older one is out of date. */
  A1_POLICY_REQ: {
    readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
    readonly policy_type_id: string;
    readonly policy_instance_id: string;
    readonly revision: number;
    readonly payload: Readonly<Record<string, unknown>>;
  };
  A1_POLICY_RESP: {
    readonly policy_type_id: string;
    readonly policy_instance_id: string;
    readonly revision: number;
    /** The xApp that answers. */
    readonly handler_id: string;
    readonly status: PolicyStatusObject;
    readonly detail: string;
  };
  /** An xApp asks for a CREATE of each policy of a type. */
  A1_POLICY_QUERY: { readonly policy_type_id: string };
  A1_EI_DATA_DELIVERY: {
    readonly ei_type_id: string;
    readonly ei_job_id: string;
    readonly results: readonly Readonly<Record<string, unknown>>[];
  };
}

/** Every message has an RMR number, but the one that is ours. */
export type RicMessageName = keyof typeof RMR | 'E2_NODE_QUERY';
