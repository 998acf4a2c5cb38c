import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import ts from 'typescript';
import { lazyModules } from './lazy-modules';

// npm run build [-- <folder>]: the package's JavaScript and declarations. Why it is made like this: docs/decisions/011.

const root = resolve(__dirname, '..');
const { CommonJS, ESNext } = ts.ModuleKind;

/** Stands for `require` while the files are joined: esbuild would wrap it, and the bundlers of others not find it again. */
const stillRequire = 'requireLater';

async function main([folder = join(root, 'dist')]: string[]): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { path, text } of await joinFiles()) {
    writeFileSync(join(folder, basename(path)), asCommonJs(text.replaceAll(`${stillRequire}(`, 'require(')));
  }
  writeFileSync(join(folder, 'index.mjs'), transpile(readFileSync(join(root, 'src/index.mts'), 'utf8'), ESNext));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const declarations = [compiler, '-p', 'tsconfig.build.json', '--outDir', folder];
  execFileSync(process.execPath, declarations, { cwd: root, stdio: 'inherit' });
}

/**
 * The files by their paths alone. By package.json, which says `commonjs`, esbuild would take a file without exports for
 * CommonJS, wrap it and all that it imports, and load them through functions.
 */
const sourceFiles: Plugin = {
  name: 'source files',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\// }, ({ resolveDir, path, kind }) =>
      kind === 'entry-point' ? undefined : { path: `${join(resolveDir, path)}.ts` },
    );
  },
};

/** A file for each entry point, and `core.js`, which both share: its classes are there once. */
async function joinFiles(): Promise<{ path: string; text: string }[]> {
  const { outputFiles } = await build({
    entryPoints: ['src/index.ts', 'src/pipelines.ts'],
    absWorkingDir: root,
    outdir: root,
    write: false,
    bundle: true,
    splitting: true,
    chunkNames: 'core',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    define: { require: stillRequire },
    plugins: [sourceFiles],
  });
  return outputFiles;
}

/** As tsc would write it: exports that `import { json } from 'pipebody'` finds, and names as they are in the source. */
function asCommonJs(text: string): string {
  return lazyModules(transpile(withOwnNames(text), CommonJS));
}

function transpile(text: string, module: ts.ModuleKind): string {
  const compilerOptions = { module, target: ts.ScriptTarget.ES2022, esModuleInterop: true };
  return ts.transpileModule(text, { compilerOptions }).outputText;
}

/** A class that names itself is `_Pipe` after joining, and in every stack trace. */
function withOwnNames(text: string): string {
  const renamed = [...text.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name]) => name as string);
  return renamed.reduce((renaming, name) => renaming.replaceAll(new RegExp(`\\b_${name}\\b`, 'g'), name), text);
}

void main(process.argv.slice(2));
