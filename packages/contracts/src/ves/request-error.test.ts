import { expect, test } from 'vitest';
import { VES_MESSAGES, vesRequestError } from './index.ts';

test('a refusal carries its variables, and no list when it has none', () => {
  expect(vesRequestError('SVC2006', ['attribute', 'event'])).toEqual({
    requestError: {
      serviceException: {
        messageId: 'SVC2006',
        text: VES_MESSAGES.SVC2006.text,
        variables: ['attribute', 'event'],
      },
    },
  });
  expect(vesRequestError('POL0001').requestError.policyException).not.toHaveProperty('variables');
});
