import Module from 'node:module';
import { join, resolve } from 'node:path';

// istanbul's counters in the parsers, which is how the fuzzer learns that an input did something new. Imported before
// them: from then on what is required from src/formats and src/middleware has counters.

interface Instrumenter {
  instrumentSync(code: string, path: string): string;
}

/** The counters of a file, by its statements and the ways of its branches. */
interface FileCounters {
  readonly s: Record<string, number>;
  readonly b: Record<string, number[]>;
}

interface LoadedModule {
  _compile(code: string, path: string): void;
}

type Loader = (module: LoadedModule, path: string) => void;

// istanbul-lib-instrument, which jest brings, has no types.
const { createInstrumenter } = require('istanbul-lib-instrument') as {
  createInstrumenter(options: object): Instrumenter;
};
const instrumenter = createInstrumenter({ esModules: false, compact: true });
const source = resolve(__dirname, '../../src');
const instrumented = [join(source, 'formats'), join(source, 'middleware')];

const loaders = (Module as unknown as { _extensions: Record<string, Loader> })._extensions;
const load = loaders['.ts'] as Loader;
loaders['.ts'] = (module, path) => {
  if (instrumented.some((folder) => path.startsWith(folder))) {
    const compile = module._compile;
    module._compile = (code) => compile.call(module, instrumenter.instrumentSync(code, path), path);
  }
  load(module, path);
};

/** All counters there are; those of files that are loaded later come with them. */
export function allCounters(): FileCounters[] {
  return Object.values((globalThis as { __coverage__?: Record<string, FileCounters> }).__coverage__ ?? {});
}
