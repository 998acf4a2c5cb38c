import type { AddressInfo } from 'node:net';
import { createGunzip, createGzip } from 'node:zlib';
import bodyParser from 'body-parser';
import express, { type NextFunction, type Request, type Response } from 'express';
import { createServer, json, lines, type PipeReader, pipeBody } from 'pipebody';

// One server that shows what pipebody does. `npm start` starts it and prints a curl line for each part.

const app = express();
app.use(pipeBody());
app.use(gunzipRequests, gzipResponses);

app.post('/lines', async (req, res) => {
  res.json(await readLinesByHand(req.bodyReader));
});

app.post('/ready-made-lines', lines(), (req, res) => {
  res.json(req.body);
});

app.post('/json', json(), (req, res) => {
  res.json(req.body);
});

// A parser that has never heard of pipebody reads the decoded body from the request itself.
app.post('/old-json', bodyParser.json(), (req, res) => {
  res.json(req.body);
});

app.get('/hello', async (_req, res) => {
  res.type('text');
  const memory = res.bodyWriter.getMemory(64);
  res.bodyWriter.advance(memory.write('Hello from a pipe.\n'));
  await res.bodyWriter.flush();
  res.end();
});

app.get('/hello-json', (_req, res) => {
  res.json({ hello: 'from res.json' });
});

/** Swaps the request's body for its decoded stream; whatever reads it next reads plain bytes. */
function gunzipRequests(req: Request, _res: Response, next: NextFunction): void {
  if (req.headers['content-encoding'] === 'gzip') {
    delete req.headers['content-encoding'];
    req.body = req.body.pipe(createGunzip());
  }
  next();
}

/** Swaps the response's body for an encoder; whatever is written next is compressed. */
function gzipResponses(req: Request, res: Response, next: NextFunction): void {
  if (req.acceptsEncodings('gzip', 'identity') === 'gzip') {
    res.set('Content-Encoding', 'gzip').vary('Accept-Encoding');
    const gzip = createGzip();
    gzip.pipe(res.body);
    res.body = gzip;
  }
  next();
}

/** The loop of every pipe reader: look for a line end, take the line, say what was consumed and what was looked at. */
async function readLinesByHand(reader: PipeReader): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const result = await reader.read();
    let { buffer } = result;
    for (let position = buffer.positionOf('\n'); position !== null; position = buffer.positionOf('\n')) {
      found.push(withoutCarriageReturn(buffer.slice(0, position).toString()));
      buffer = buffer.slice(buffer.getPosition(1, position));
    }
    if (result.isCompleted && !buffer.isEmpty) found.push(buffer.toString());
    reader.advanceTo(result.isCompleted ? buffer.end : buffer.start, buffer.end);
    if (result.isCompleted) return found;
  }
}

function withoutCarriageReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

const server = createServer(app).listen(Number(process.env.PORT ?? 3000), () => {
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  console.log(`pipebody listens at ${url}. Try:

  printf 'one\\ntwo\\r\\nthree' | curl -H 'Content-Type: text/plain' --data-binary @- ${url}/lines
  printf 'one\\ntwo\\r\\nthree' | curl -H 'Content-Type: text/plain' --data-binary @- ${url}/ready-made-lines
  printf 'one\\ntwo\\r\\nthree' | gzip | curl -H 'Content-Type: text/plain' -H 'Content-Encoding: gzip' --data-binary @- ${url}/lines
  curl --json '{"hello":"json"}' ${url}/json
  printf '{"hello":"body-parser"}' | gzip | curl --json @- -H 'Content-Encoding: gzip' ${url}/old-json
  curl ${url}/hello
  curl -i --compressed ${url}/hello
  curl -i --compressed ${url}/hello-json
`);
});
