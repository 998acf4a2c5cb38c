// First: it looks after what is loaded from then on.
import './parts/tracing';
import express from 'express';
import { compress, json } from 'pipebody';
import { listen } from './listen';
import { answerError } from './parts/answer-error';

// What pipebody tells of bodies, as spans beside those of OpenTelemetry's instrumentations of node:http and Express.
// Each is printed as a line of JSON.

const app = express();
app.use(compress(), json());
app.post('/orders', (req, res) => {
  res.json({ received: Object.keys(req.body), thanks: 'thank you '.repeat(200) });
});
app.use(answerError);

listen(app, (url) => [
  `curl -s --json '{"name":"Ada"}' ${url}/orders`,
  `printf '{"name":"Ada"}' | gzip | curl -s --compressed --json @- -H 'Content-Encoding: gzip' ${url}/orders`,
  `curl -s --json '{"name":' ${url}/orders`,
]);
