/** How long to wait for what the server tells of a request that was given up. */
export const maxReportMs = 2000;

const listeners = new Map();

const events = new EventSource('events');
events.addEventListener('message', ({ data }) => {
  const { id, ...facts } = JSON.parse(data);
  listeners.get(id)?.(facts);
});

/** An id for a request, whose reports of the server the listener gets until `forget()`. */
export function listenForReports(listener) {
  // crypto.randomUUID() is there in secure contexts alone.
  const id = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  listeners.set(id, listener);
  return { id, forget: () => listeners.delete(id) };
}
