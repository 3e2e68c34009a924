import type { ExecutionResult } from "graphql";
import type { Answer } from "./answer.js";
import { openFeed, type Feed, type FeedOptions, type SubscribeRequest } from "./feed.js";

export interface FanOutOptions extends FeedOptions {
  /** Bytes that may wait on a connection before its shared subscriptions are cut off. */
  readonly bufferBytes: number;
}

/** Where the answers of one subscription go: an id on a socket, or a response. */
export interface Outlet {
  /** Bytes that were written and wait for the reader. */
  waiting(): number;
  /** Puts an answer behind what waits; `onSent` once it has left this process, or never will. */
  write(answer: Answer, onSent?: () => void): void;
  /** Closes because its reader is too slow; what was written before is still sent. */
  cutOff(): void;
}

export interface Subscription {
  /** What ended it, where that was no plain end. */
  readonly ended: Promise<{ readonly reason: unknown } | undefined>;
  /** Ends it now, and frees its source at once. */
  end(): void;
}

export interface FanOut {
  /** Begins to write answers to the outlet. `onEnd` is called in the step that ends it, whoever does. */
  subscribe(outlet: Outlet, request: SubscribeRequest, onEnd: () => void): Promise<Subscription | ExecutionResult>;
}

interface Member {
  readonly outlet: Outlet;
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
 * A subscription reads its own history, one answer after the other as its client takes them. Once live, equal ones that
 * stand at the same position become one, over whatever transport: one reading of the log, one execution, one serialisation,
 * many writes. A member that reads too slowly is cut off and told where; the others never wait for it.
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
        await writeAndWait(member, await feed.answer(step.value));
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

  function broadcast(feed: Feed, members: ReadonlySet<Member>, answer: Answer): void {
    const slow: Member[] = [];
    for (const member of members) {
      if (member.outlet.waiting() > options.bufferBytes) slow.push(member);
      else write(member, answer);
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
      if (answer !== null) write(member, answer);
      if (member.isOpen) member.outlet.cutOff();
      member.end();
    }
  }

  return {
    async subscribe(outlet, request, onEnd) {
      const feed = await openFeed(options, request);
      if (!("source" in feed)) return feed;
      let settle: (thrown: { readonly reason: unknown } | undefined) => void = () => undefined;
      const ended = new Promise<{ readonly reason: unknown } | undefined>((resolve) => {
        settle = resolve;
      });
      const member: Member = {
        outlet,
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
      return {
        ended,
        end: () => {
          member.end();
        },
      };
    },
  };
}

function write({ isOpen, outlet }: Member, answer: Answer, onSent?: () => void): void {
  if (isOpen) outlet.write(answer, onSent);
  else onSent?.();
}

/**
 * Resolves when the answer has left this process, so that a stream alone never runs ahead of its client, and in a turn of its own:
 * what a socket takes at once is said to be sent in the same turn, and a long history would leave none to anything else.
 */
function writeAndWait(member: Member, answer: Answer): Promise<void> {
  return new Promise((resolve) => {
    write(member, answer, () => {
      setImmediate(resolve);
    });
  });
}
