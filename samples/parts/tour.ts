import { createGunzip, createGzip } from 'node:zlib';
import bodyParser from 'body-parser';
import { type NextFunction, type Request, type Response, Router } from 'express';
import { json, lines, type PipeReader } from 'pipebody';

/** What pipebody does, a route and a curl line for each part. */
export const tour = Router();

tour.use(gunzipRequests, gzipResponses);

tour.post('/lines', async (req, res) => {
  res.json(await readLinesByHand(req.bodyReader));
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
