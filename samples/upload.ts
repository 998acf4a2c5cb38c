import express from 'express';
import { pipeBody } from 'pipebody';
import { listen } from './listen';
import { answerError } from './parts/answer-error';
import { progress } from './parts/progress';
import { uploads } from './parts/uploads';

// The page's upload alone: files to disk with their SHA-256, progress as server-sent events. parts/uploads.ts is what to
// copy.

const app = express();
app.use(pipeBody());
app.use(progress, uploads);
app.use(answerError);

listen(app, (url) => [
  `curl -N ${url}/events`,
  `curl -F file=@package.json ${url}/uploads/first`,
  `curl --limit-rate 100k -m 2 -F file=@node_modules/typescript/lib/typescript.js ${url}/uploads/broken-off`,
  `curl ${url}/uploads`,
  `curl -X DELETE ${url}/uploads`,
]);
