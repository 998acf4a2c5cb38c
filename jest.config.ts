/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

// npm run test:build: the tests against what is published instead of the sources.
const [main, pipelines] = process.env['PIPEBODY_BUILD']
  ? ['dist/index.js', 'dist/pipelines.js']
  : ['src/index.ts', 'src/pipelines.ts'];

const config: Config = {
  testEnvironment: 'node',
  // For machines that do several things at once: what hangs is found all the same.
  testTimeout: 20_000,
  // Most of the time a test waits for sockets and children.
  maxWorkers: '100%',
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.json' }] },
  reporters: ['default', '<rootDir>/.ci/count-reporter.cjs'],
  collectCoverageFrom: ['src/**/*.ts'],
  coveragePathIgnorePatterns: [
    '/node_modules/',
    // The sentences of NODE_DEBUG=pipebody, which Node reads as it starts: they are said in a process of their own, whose
    // coverage is not counted (__tests__/http/debug-log.test.ts).
    '<rootDir>/src/http/debug-log.ts',
    '<rootDir>/src/middleware/compress/explain-plain.ts',
  ],
  moduleNameMapper: { '^pipebody$': `<rootDir>/${main}`, '^pipebody/pipelines$': `<rootDir>/${pipelines}` },
};

export default config;
