import bodyParser from 'body-parser';
import { Router } from 'express';
import { json, lines } from 'pipebody';
import { splitFromPipe } from './line-splitters';
import { decodeRequest, encodeResponse } from './swap-bodies';

/** What pipebody does, a route and a curl line for each part. */
export const tour = Router();

tour.use(decodeRequest, encodeResponse('gzip'));

tour.post('/lines', async (req, res) => {
  res.json(await splitFromPipe(req.bodyReader));
});

tour.post('/ready-made-lines', lines(), (req, res) => {
  res.json(req.body);
});

tour.post('/json', json(), (req, res) => {
  res.json(req.body);
});

// A parser that has never heard of pipebody reads the decoded body from the request itself.
tour.post('/old-json', bodyParser.json(), (req, res) => {
  res.json(req.body);
});

tour.get('/hello', async (_req, res) => {
  res.type('text');
  const memory = res.bodyWriter.getMemory(64);
  res.bodyWriter.advance(memory.write('Hello from a pipe.\n'));
  await res.bodyWriter.flush();
  res.end();
});

tour.get('/hello-json', (_req, res) => {
  res.json({ hello: 'from res.json' });
});

export function curlLinesOf(url: string): string[] {
  const text = "printf 'one\\ntwo\\r\\nthree' |";
  const post = `curl -H 'Content-Type: text/plain' --data-binary @- ${url}`;
  return [
    `${text} ${post}/lines`,
    `${text} ${post}/ready-made-lines`,
    `${text} gzip | curl -H 'Content-Type: text/plain' -H 'Content-Encoding: gzip' --data-binary @- ${url}/lines`,
    `curl --json '{"hello":"json"}' ${url}/json`,
    `printf '{"hello":"body-parser"}' | gzip | curl --json @- -H 'Content-Encoding: gzip' ${url}/old-json`,
    `curl ${url}/hello`,
    `curl -i --compressed ${url}/hello`,
    `curl -i --compressed ${url}/hello-json`,
  ];
}
