import bodyParser from 'body-parser';
import express from 'express';
import { pipeBody } from 'pipebody';
import { listen } from './listen';
import { decodeRequest, encodeResponse } from './parts/swap-bodies';

// Compression both ways by swapping bodies; the routes know nothing of it. parts/swap-bodies.ts is what to copy.

const app = express();
app.use(pipeBody());
app.use(decodeRequest, encodeResponse('br', 'gzip'));

app.post('/json', bodyParser.json(), (req, res) => {
  res.json(req.body);
});

app.post('/echo', async (req, res) => {
  res.type('text');
  await req.bodyReader.copyTo(res.bodyWriter);
  res.end();
});

app.get('/file', (_req, res) => {
  // A range of a file is none of its compressed bytes.
  res.type('text').sendFile(__filename, { acceptRanges: false });
});

listen(app, (url) => [
  `printf '{"a":1}' | gzip | curl --json @- -H 'Content-Encoding: gzip' ${url}/json`,
  `printf 'there and back' | gzip | curl -H 'Content-Encoding: gzip' -H 'Content-Type: text/plain' --data-binary @- --compressed ${url}/echo`,
  `curl -i -H 'Accept-Encoding: br' --compressed ${url}/file`,
]);
