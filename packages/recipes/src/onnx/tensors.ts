/** Names of the one input and the one output of an exported network. */
export const INPUT = 'features';
export const OUTPUT = 'forecast';
