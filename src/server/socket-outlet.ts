import { WebSocket } from "ws";
import { createFraming } from "./answer.js";
import type { Outlet, Subscription } from "./fan-out.js";

/** Closes a socket whose client does not keep up; it comes back with the cursor of its gap. */
export const SLOW_CONSUMER = 4413;
export const SLOW_CONSUMER_REASON = "the client reads too slowly: resume with the last cursor";
const TEXT = { binary: false } as const;

/** What a `next` frame goes on with behind its id. */
const bodyOf = createFraming(({ json }) => `${json}}`);

/** `next` frames of one id on a socket of graphql-transport-ws. */
export function createSocketOutlet(socket: WebSocket, id: string): Outlet {
  const head = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
  return {
    waiting: () => socket.bufferedAmount,
    write(answer, onSent) {
      if (socket.readyState === WebSocket.OPEN) socket.send(Buffer.concat([head, bodyOf(answer)]), TEXT, onSent);
      else onSent?.();
    },
    cutOff() {
      socket.close(SLOW_CONSUMER, SLOW_CONSUMER_REASON);
    },
  };
}

/** For the library of the protocol, which asks for a stream: it yields nothing, and ends or throws as the subscription does. */
export function asStream({ ended, end }: Subscription): AsyncGenerator<never, void, void> {
  const finish = (): Promise<IteratorReturnResult<undefined>> => {
    end();
    return Promise.resolve({ done: true, value: undefined });
  };
  const stream: AsyncGenerator<never, void, void> = {
    async next() {
      const thrown = await ended;
      if (thrown !== undefined) throw thrown.reason;
      return { done: true, value: undefined };
    },
    return: finish,
    async throw(thrown) {
      await finish();
      throw thrown;
    },
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => {
      await finish();
    },
  };
  return stream;
}
