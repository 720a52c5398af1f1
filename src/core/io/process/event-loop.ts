/** Gives the event loop a turn, in Node and in browsers. */

/** Waits for one turn of the event loop, in which timers, signals, messages and the page's events are handled. */
export function eventLoopTurn(): Promise<void> {
  if (typeof setImmediate === 'function') return new Promise((resolve) => setImmediate(resolve));
  // Browsers delay timers by 4 ms when they follow each other, as after each update; messages are not delayed.
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const receiver = port1 as unknown as { onmessage: () => void };
    receiver.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
