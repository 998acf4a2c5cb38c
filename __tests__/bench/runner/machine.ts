import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadGenerator } from '../http/load';

const rivals = [
  'express',
  'fastify',
  'autocannon',
  'body-parser',
  'qs',
  'split2',
  'stream-json',
  'busboy',
  '@fastify/busboy',
  'multer',
];
const root = path.join(__dirname, '..', '..', '..');

/** Where the numbers come from: the machine, and the versions of everything that is measured. */
export function describeMachine(): string {
  const cores = os.cpus();
  return [
    `${cores.length} cores (${cores[0]?.model.trim()}), load ${os.loadavg()[0]?.toFixed(2)}, node ${process.version}, ${process.platform} ${process.arch}`,
    `pipebody ${version(root)} from ${path.relative(root, require.resolve('pipebody'))}`,
    rivals.map((name) => `${name} ${version(path.join(root, 'node_modules', name))}`).join(', '),
    `load: ${loadGenerator}`,
  ].join('\n');
}

function version(folder: string): string {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).version;
}
