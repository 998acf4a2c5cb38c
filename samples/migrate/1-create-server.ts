import bodyParser from 'body-parser';
import compression from 'compression';
import express from 'express';
import morgan from 'morgan';
import multer from 'multer';
import { createServer } from 'pipebody';
import split2 from 'split2';
import { answerError } from '../parts/answer-error';

const app = express();
app.use(morgan('tiny'));
app.use(compression());

app.post('/json', bodyParser.json(), (req, res) => {
  res.json(req.body);
});

app.post('/form', bodyParser.urlencoded({ extended: true }), (req, res) => {
  res.json(req.body);
});

app.post('/upload', multer({ limits: { fileSize: 10_000 } }).single('file'), (req, res) => {
  const { originalname, mimetype, size, buffer } = req.file as Express.Multer.File;
  res.json({ originalname, mimetype, size, start: buffer.toString('utf8', 0, 10), ...req.body });
});

app.post('/lines', (req, res, next) => {
  const found: string[] = [];
  const lines = req.pipe(split2());
  lines
    .on('data', (line: string) => found.push(line))
    .on('end', () => res.json(found))
    .on('error', next);
});

app.use(answerError);

export const server = createServer(app);
