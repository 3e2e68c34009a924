import type { ExecutionResult } from "graphql";
import { WebSocket } from "ws";
import { openFeed, type Feed, type FeedOptions, type SubscribeRequest } from "./feed.js";

export interface FanOutOptions extends FeedOptions {
  /** Bytes that may wait on a socket before its shared subscriptions are cut off. */
  readonly bufferBytes: number;
}

/** Closes a socket whose client does not keep up; it comes back with the cursor of its gap. */
export const SLOW_CONSUMER = 4413;
const TEXT = { binary: false } as const;

export interface FanOut {
  /**
   * Begins to send, as `next` frames of this id. The iterator yields nothing: it ends with the subscription, or
   * throws what ended it. Returning from it frees the source at once. `onEnd` is called in the step that ends it.
   */
  subscribe(
    socket: WebSocket,
    id: string,
    request: SubscribeRequest,
    onEnd: () => void,
  ): Promise<AsyncGenerator<never, void, void> | ExecutionResult>;
}

interface Member {
  readonly socket: WebSocket;
  /** What a frame of its id begins with. */
  readonly head: Buffer;
  isOpen: boolean;
  end(thrown?: { readonly reason: unknown }): void;
  /** Frees its source, or its place among equals. */
  leave: () => void;
}

interface Group {
  readonly feed: Feed;
  readonly members: Set<Member>;
}

/**
 * A subscription reads its own history, one frame after the other as its client takes them. Once live, equal ones that
 * stand at the same position become one: one reading of the log, one execution, one serialisation, many writes. A
 * member that reads too slowly is cut off and told where; the others never wait for it.
 */
export function createFanOut(options: FanOutOptions): FanOut {
  const groups = new Map<string, Group>();

  /** Reads on its own until an equal stream stands at the same place. */
  async function runAlone(member: Member, feed: Feed): Promise<void> {
    try {
      for (;;) {
        const pending = feed.source.next();
        if (join(member, feed, pending)) return;
        const step = await pending;
        if (!member.isOpen) return;
        if (step.done === true) {
          member.end();
          return;
        }
        await sendAndWait(member, await feed.answer(step.value));
      }
    } catch (thrown) {
      member.end({ reason: thrown });
    }
  }

  /** In one step with the asking for the next event, so that neither stream can move in between. */
  function join(member: Member, feed: Feed, pending: Promise<IteratorResult<unknown>>): boolean {
    if (feed.live?.isLive !== true || feed.group === null) return false;
    const key = feed.group;
    let group = groups.get(key);
    if (group === undefined) {
      group = { feed, members: new Set() };
      groups.set(key, group);
      void runGroup(key, group, pending);
    } else {
      if (group.feed.live?.position !== feed.live.position) return false;
      pending.catch(() => undefined);
      feed.stop();
    }
    const { members, feed: shared } = group;
    members.add(member);
    member.leave = () => {
      members.delete(member);
      if (members.size > 0) return;
      if (groups.get(key)?.members === members) groups.delete(key);
      shared.stop();
    };
    return true;
  }

  async function runGroup(key: string, group: Group, first: Promise<IteratorResult<unknown>>): Promise<void> {
    const { feed, members } = group;
    let end: { readonly reason: unknown } | undefined;
    try {
      for (let step = await first; step.done !== true; step = await feed.source.next()) {
        broadcast(feed, members, await feed.answer(step.value));
      }
    } catch (thrown) {
      end = { reason: thrown };
    }
    if (groups.get(key) === group) groups.delete(key);
    for (const member of [...members]) member.end(end);
  }

  function broadcast(feed: Feed, members: ReadonlySet<Member>, answer: string): void {
    const body = bodyOf(answer);
    const slow: Member[] = [];
    for (const member of members) {
      if (member.socket.bufferedAmount > options.bufferBytes) {
        slow.push(member);
        continue;
      }
      write(member, body);
    }
    if (slow.length > 0) void cutOff(feed, slow);
  }

  /** What they were sent before is the place they resume at. */
  async function cutOff(feed: Feed, slow: readonly Member[]): Promise<void> {
    const told = feed.live?.cut();
    // Before anything else can be sent to them.
    for (const member of slow) member.leave();
    const answer = await feed.answer(told).catch(() => null);
    for (const member of slow) {
      if (answer !== null) write(member, bodyOf(answer));
      member.socket.close(SLOW_CONSUMER, "the client reads too slowly: resume with the last cursor");
      member.end();
    }
  }

  return {
    async subscribe(socket, id, request, onEnd) {
      const feed = await openFeed(options, request);
      if (!("source" in feed)) return feed;
      let settle: (thrown: { readonly reason: unknown } | undefined) => void = () => undefined;
      const ended = new Promise<{ readonly reason: unknown } | undefined>((resolve) => {
        settle = resolve;
      });
      const member: Member = {
        socket,
        head: Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`),
        isOpen: true,
        end(thrown) {
          if (!member.isOpen) return;
          member.isOpen = false;
          member.leave();
          onEnd();
          settle(thrown);
        },
        leave: () => {
          feed.stop();
        },
      };
      void runAlone(member, feed);
      const finish = (): Promise<IteratorReturnResult<undefined>> => {
        member.end();
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
        [Symbol.asyncIterator]() {
          return this;
        },
        [Symbol.asyncDispose]: async () => {
          await finish();
        },
      };
      return stream;
    },
  };
}

/** What a frame goes on with: made once for every id. */
function bodyOf(answer: string): Buffer {
  return Buffer.from(`${answer}}`);
}

function write({ isOpen, socket, head }: Member, body: Buffer, onSent?: () => void): void {
  if (isOpen && socket.readyState === WebSocket.OPEN) socket.send(Buffer.concat([head, body]), TEXT, onSent);
  else onSent?.();
}

/** Resolves when the frame has left this process, so that a stream alone never runs ahead of its client. */
function sendAndWait(member: Member, answer: string): Promise<void> {
  return new Promise((resolve) => {
    write(member, bodyOf(answer), resolve);
  });
}
