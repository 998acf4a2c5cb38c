// npm run properties: every property is tried 10,000 times, and not as often as `npm test` has time for.

jest.mock('fast-check', () => {
  const actual = jest.requireActual('fast-check') as typeof import('fast-check');
  const assert = (property: never, parameters: object) => actual.assert(property, { ...parameters, numRuns: 10_000 });
  return { __esModule: true, ...actual, assert, default: { ...actual.default, assert } };
});
