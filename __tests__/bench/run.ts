import path from 'node:path';
import { endWithSignals, startChild } from './runner/child';
import { keepBuild } from './runner/keep-build';
import { readSettings } from './runner/settings';

// `npm run bench [-- suite] [--quick | --shortest] [--rounds n] [--seconds n] [--only part-of-a-name] [--write]`
//
// Suites: http, pipelines, parsers, formats, forms, compress. The runner and its children are processes of their own, in which 'pipebody' is the build.

endWithSignals();
const args = process.argv.slice(2);
readSettings(args);
const build = keepBuild();
process.once('exit', build.remove);
startChild(path.join(__dirname, 'runner', 'run-suites.ts'), args, { env: { TS_NODE_PROJECT: build.tsconfig } }).onExit(
  (code) => {
    process.exitCode = code;
  },
);
