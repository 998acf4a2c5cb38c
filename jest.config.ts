/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  testEnvironment: 'node',
  // For machines that do several things at once: what hangs is found all the same.
  testTimeout: 20_000,
  // Most of the time a test waits for sockets and children.
  maxWorkers: '100%',
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.json' }] },
  reporters: ['default', '<rootDir>/.ci/count-reporter.cjs'],
  moduleNameMapper: { '^pipebody$': '<rootDir>/src/index.ts', '^pipebody/pipelines$': '<rootDir>/src/pipelines.ts' },
};

export default config;
