import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { printCurlLines } from './listen';

// An application with body-parser, multer, compression, morgan and split2, and what becomes of it step by step:
// docs/step-by-step.md. STEP names the step; by default the last one.

const steps = ['0-before', '1-create-server', '2-json', '3-form', '4-lines', '5-compress'];
const { PORT = '3000', HOST = '127.0.0.1', STEP = steps.at(-1) as string } = process.env;

if (!steps.includes(STEP)) throw new RangeError(`STEP must be one of ${steps.join(', ')}; it is ${STEP}.`);

const { server } = require(`./migrate/${STEP}`) as { server: Server };

server.listen(Number(PORT), HOST, () => {
  printCurlLines(`http://${HOST}:${(server.address() as AddressInfo).port}`, (url) => [
    `curl --compressed --json '{"a":1}' ${url}/json`,
    `curl -d 'a[b]=1&a[c]=2' ${url}/form`,
    `curl -F title=hello -F 'file=@LICENSE;type=text/plain' ${url}/upload`,
    `printf 'one\\ntwo\\r\\nthree' | curl -H 'Content-Type: text/plain' --data-binary @- ${url}/lines`,
  ]);
});
