import express from 'express';
import { type PipeWriter, pipeBody, readJson } from 'pipebody';
import { z } from 'zod';
import { listen } from './listen';
import { answerError } from './parts/answer-error';

// A service of one endpoint: JSON in, a URL out, no copy in between, and no work for a client that has left.

const urlPrefix = Buffer.from('https://example.com/');
const input = z.object({ path: z.string().min(1).max(1000) });

const app = express();
app.use(pipeBody());

app.post('/', async (req, res) => {
  const { signal } = req;
  const { path } = await readJson(req.bodyReader, { limit: 10_240, schema: input, signal });
  res.type('text');
  await res.startAsync();
  await writeUrl(res.bodyWriter, path, signal);
  res.end();
});

app.use(answerError);

/** Nothing of the path can leave it, become a query or name another host. */
async function writeUrl(writer: PipeWriter, path: string, signal: AbortSignal): Promise<void> {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const memory = writer.getMemory(urlPrefix.length + encoded.length);
  const prefixLength = urlPrefix.copy(memory);
  writer.advance(prefixLength + memory.write(encoded, prefixLength, 'latin1'));
  await writer.flush({ signal });
}

listen(app, (url) => [
  `curl --json '{"path":"docs/getting started"}' ${url}`,
  `curl --json '{"path":1}' ${url}`,
  `curl --json '{"path":' ${url}`,
]);
