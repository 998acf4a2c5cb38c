import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const compiler = join(root, 'node_modules/typescript/bin/tsc');

/** A folder of its own in which the package was installed from its tarball, as a user installs it. */
export interface Installation {
  readonly folder: string;
  /** Why it could not be installed, if so: without the registry its dependencies cannot be had. */
  readonly failure: string | undefined;
  remove(): void;
}

/** Builds and packs the package as it stands, and installs the tarball and other packages in an empty folder. */
export function installPacked(...others: string[]): Installation {
  const temporary = mkdtempSync(join(tmpdir(), 'pipebody-packed-'));
  const folder = join(temporary, 'user');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const tarball = pack(join(temporary, 'source'));
  return {
    folder,
    failure: install(folder, [tarball, ...others]),
    remove: () => rmSync(temporary, { recursive: true, force: true }),
  };
}

/** In a copy: a build of the working tree's own would get in the way of others. */
function pack(folder: string): string {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] };
  for (const name of ['package.json', ...files]) {
    if (name !== 'dist' && existsSync(join(root, name)))
      cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')], {
    cwd: root,
  });
  const name = execFileSync('npm', ['pack', '--silent', '--ignore-scripts'], { cwd: folder, encoding: 'utf8' });
  return join(folder, name.trim());
}

function install(folder: string, packages: string[]): string | undefined {
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=0'];
  try {
    execFileSync('npm', ['install', ...options, ...packages], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    return undefined;
  } catch (error) {
    const { stderr } = error as { stderr: string };
    // What is wrong with the package itself must not pass as a registry that is out of reach.
    const isAway = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTCACHED|ENETUNREACH|E5\d\d)\b/.exec(
      stderr,
    );
    if (isAway === null) throw error;
    return `the registry cannot be reached (${isAway[0]})`;
  }
}
