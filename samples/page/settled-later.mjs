/** Promise.withResolvers(), which browsers have since 2024 alone. */
export function settledLater() {
  const later = {};
  later.promise = new Promise((resolve) => {
    later.resolve = resolve;
  });
  return later;
}
