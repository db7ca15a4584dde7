import { rcControlOutcome } from '@ranloop/codecs/e2sm';
import { type Cause, causeText } from '@ranloop/contracts/e2';

/** A node that understood a request and refused it will refuse it again; what was lost on the way may pass. */
export function worthAnotherTry(cause: Cause): boolean {
  if ('transport' in cause || 'misc' in cause) return true;
  return (
    'ricRequest' in cause &&
    ['control-timer-expired', 'system-not-ready', 'function-resource-limit'].includes(cause.ricRequest)
  );
}

/** The cause of a control failure, and the text that the node may have given with it. */
export function failureText(cause: Cause, outcome: string | undefined): string {
  return `${causeText(cause)}${outcomeText(outcome)}`;
}

function outcomeText(outcome: string | undefined): string {
  if (outcome === undefined) return '';
  try {
    const list = rcControlOutcome.decode(outcome)['ric-controlOutcome-formats']['controlOutcome-Format1']['ranP-List'];
    const text = list.find((item) => 'valuePrintableString' in item['ranParameter-value'])?.['ranParameter-value'];
    return text && 'valuePrintableString' in text ? `: ${text.valuePrintableString}` : '';
  } catch {
    return '';
  }
}
