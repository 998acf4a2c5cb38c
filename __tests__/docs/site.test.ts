import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../support/read-docs';

test('npm run docs makes its site of every page and name without a warning', () => {
  const typedoc = join(root, 'node_modules/typedoc/bin/typedoc');

  const make = () => execFileSync(process.execPath, [typedoc, '--emit', 'none'], { cwd: root, encoding: 'utf8' });

  expect(make).not.toThrow();
}, 60_000);
