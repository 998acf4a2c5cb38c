import express from 'express';
import { pipeBody } from 'pipebody';
import { listen } from './listen';
import { answerError } from './parts/answer-error';
import { progress } from './parts/progress';
import { tokens } from './parts/tokens';

// The page's token stream alone. parts/tokens.ts is what to copy.

const app = express();
app.use(pipeBody());
app.use(progress, tokens);
app.use(answerError);

listen(app, (url) => [
  `curl -N ${url}/events`,
  `curl -N ${url}/tokens/plain`,
  `curl -N --compressed ${url}/tokens/compressed`,
  `curl -N '${url}/tokens/ndjson?format=ndjson'`,
  `curl -N -m 1 ${url}/tokens/left`,
]);
