import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

/** The package as it would be published. */
export interface PackedPackage {
  /** The folder that was packed. */
  readonly source: string;
  readonly tarball: string;
  remove(): void;
}

/** A folder of its own in which the package was installed from its tarball, as a user installs it. */
export interface Installation {
  readonly folder: string;
  /** Why it could not be installed, if so: without the registry its dependencies cannot be had. */
  readonly failure: string | undefined;
  remove(): void;
}

/** Builds and packs the package as it stands, in a copy: a build of the working tree's own would get in the way of others. */
export function packPackage(): PackedPackage {
  const source = mkdtempSync(join(tmpdir(), 'pipebody-packed-'));
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] };
  for (const name of [...kept, ...files.filter((file) => file !== 'dist')]) {
    cpSync(join(root, name), join(source, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'));
  execFileSync(process.execPath, ['-r', 'esbuild-register', 'scripts/build.ts', join(source, 'dist')], { cwd: root });
  const name = execFileSync('npm', ['pack', '--silent', '--ignore-scripts'], { cwd: source, encoding: 'utf8' });
  const remove = () => rmSync(source, { recursive: true, force: true });
  return { source, tarball: join(source, name.trim()), remove };
}

/** What npm packs by itself, and what the API report is made with. */
const kept = ['package.json', 'README.md', 'LICENSE', 'api-extractor.json'];

/** Packs the package, and installs the tarball and other packages in an empty folder. */
export function installPacked(...others: string[]): Installation {
  const packed = packPackage();
  const folder = mkdtempSync(join(tmpdir(), 'pipebody-installed-'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const failure = install(folder, [packed.tarball, ...others]);
  packed.remove();
  return { folder, failure, remove: () => rmSync(folder, { recursive: true, force: true }) };
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
