import express from 'express';
import morgan from 'morgan';
import { compress, createServer, form, json, lines, urlencoded } from 'pipebody';
import { answerError } from '../parts/answer-error';

const app = express();
app.use(morgan('tiny'));
app.use(compress());

app.post('/json', json(), (req, res) => {
  res.json(req.body);
});

app.post('/form', urlencoded({ extended: true }), (req, res) => {
  res.json(req.body);
});

app.post('/upload', form({ limits: { fileSize: 10_000 } }).single('file'), (req, res) => {
  const { originalname, mimetype, size, buffer } = req.file as Express.Multer.File;
  res.json({ originalname, mimetype, size, start: buffer.toString('utf8', 0, 10), ...req.body });
});

app.post('/lines', lines(), (req, res) => {
  res.json(req.body);
});

app.use(answerError);

export const server = createServer(app);
