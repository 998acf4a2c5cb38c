import { join } from 'node:path';
import express, { type NextFunction, type Request, type Response } from 'express';
import { pipeBody } from 'pipebody';
import { listen } from './listen';
import { answerError } from './parts/answer-error';
import { limits } from './parts/limits';
import { lineCounts } from './parts/line-counts';
import { progress } from './parts/progress';
import { tokens } from './parts/tokens';
import { curlLinesOf, tour } from './parts/tour';
import { uploads } from './parts/uploads';

// The page of `npm start`, and the server that it shows.

const app = express();
app.use(pipeBody({ maxRequestBodySize: 1_100_000_000 }));
app.use(refuseOtherSites);
app.use(express.static(join(__dirname, 'page')));
app.get('/curl-lines', (req, res) => {
  res.json(curlLinesOf(`${req.protocol}://${req.get('Host')}`));
});
app.use(progress, uploads, lineCounts, tokens, limits);
// The last, because it compresses whatever comes after it.
app.use(tour);
app.use(answerError);

/** What another page makes the browser send is not carried out, and nothing of other servers is loaded. */
function refuseOtherSites(req: Request, res: Response, next: NextFunction): void {
  res.set({ 'Content-Security-Policy': "default-src 'self'", 'X-Content-Type-Options': 'nosniff' });
  const site = req.get('Sec-Fetch-Site') ?? 'none';
  if (req.method !== 'GET' && site !== 'same-origin' && site !== 'none') res.sendStatus(403);
  else next();
}

listen(app, curlLinesOf);
