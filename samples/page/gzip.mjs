/** The bytes of a stream, compressed: in memory, because browsers send streams over HTTP/2 alone. */
export function gzip(stream) {
  return new Response(stream.pipeThrough(new CompressionStream('gzip'))).blob();
}
