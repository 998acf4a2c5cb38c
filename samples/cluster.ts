import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import express from 'express';
import { createServer, form, json, pipeBody, type UploadedFile } from 'pipebody';
import { printCurlLines } from './listen';
import { answerError } from './parts/answer-error';

// Uploads and a JSON API on all cores. Nothing is kept between two requests, so that each may go to another process; the
// temporary files of a process that dies are removed by those that come after it.

const { PORT = '3000', HOST = '127.0.0.1' } = process.env;

if (cluster.isPrimary) {
  const listening = new Set<number>();
  for (let count = 0; count < availableParallelism(); count += 1) cluster.fork();
  // One that never listened would not the next time.
  cluster.on('exit', ({ id }) => (listening.has(id) ? cluster.fork() : process.exit(1)));
  cluster.on('listening', ({ id }, { port }) => {
    if (listening.add(id).size !== availableParallelism()) return;
    printCurlLines(`http://${HOST}:${port}`, (url) => [
      `curl --json '{"a":1}' ${url}/json`,
      `curl -F file=@package-lock.json ${url}/upload`,
    ]);
  });
} else {
  const app = express();
  app.use(pipeBody());
  app.post('/json', json(), (req, res) => {
    res.json({ worker: cluster.worker?.id, body: req.body });
  });
  app.post('/upload', form({ sha256: true }).single('file'), (req, res) => {
    const { originalname, size, sha256 } = req.file as unknown as UploadedFile;
    res.json({ worker: cluster.worker?.id, originalname, size, sha256 });
  });
  app.use(answerError);
  createServer(app).listen(Number(PORT), HOST);
}
