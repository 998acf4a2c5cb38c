import { createRequire } from 'node:module';
import path from 'node:path';
import { buildSync } from 'esbuild';

const root = path.join(__dirname, '..', '..', '..');

/**
 * Loads a module of `src` that the package does not export, joined with what it imports as the build joins it: the
 * sources themselves go through getters of esbuild's at every call.
 */
export function loadJoined<Exports>(file: string): Exports {
  const [output] = buildSync({
    entryPoints: [file],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
  }).outputFiles;
  const module = { exports: {} };
  new Function('module', 'exports', 'require', output?.text ?? '')(module, module.exports, createRequire(`${root}/`));
  return module.exports as Exports;
}
