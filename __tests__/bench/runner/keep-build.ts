import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..', '..', '..');

/** A copy of the build that nobody builds anew while it is measured. */
export interface KeptBuild {
  /** A tsconfig.json for esbuild-register that leads from 'pipebody' to the copy. */
  readonly tsconfig: string;
  remove(): void;
}

/**
 * Copies `dist`.
 *
 * esbuild-register follows the "paths" of tsconfig.json, and those of the project lead from 'pipebody' to the sources.
 * The copy lies below node_modules, from where it finds its dependencies.
 */
export function keepBuild(): KeptBuild {
  const cache = path.join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'pipebody-bench-'));
  cpSync(path.join(root, 'dist'), path.join(folder, 'dist'), { recursive: true });
  const tsconfig = path.join(folder, 'tsconfig.json');
  const paths = { pipebody: ['./dist/index.js'], 'pipebody/pipelines': ['./dist/pipelines.js'] };
  writeFileSync(tsconfig, JSON.stringify({ compilerOptions: { target: 'es2022', baseUrl: '.', paths } }));
  return { tsconfig, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
