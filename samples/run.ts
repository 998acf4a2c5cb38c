import { readdirSync } from 'node:fs';

// npm run sample NAME: starts the program of that name in this folder.

const notPrograms = ['run', 'listen'];

const names = readdirSync(__dirname)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
  .filter((name) => !notPrograms.includes(name));

const name = process.argv[2] ?? '';

if (names.includes(name)) require(`./${name}`);
else {
  console.error(
    `There is ${name === '' ? 'no name' : `no sample "${name}"`}. npm run sample NAME, one of: ${names.join(', ')}.`,
  );
  process.exitCode = 1;
}
