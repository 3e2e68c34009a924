/* eslint-disable import-x/no-default-export -- these are CommonJS modules */
/** The parts of kafkajs 2.2.4 below its producer and consumer, as far as they are used. It has no types for them. */
declare module "kafkajs/src/network/connection.js" {
  interface Protocol {
    readonly request: unknown;
    readonly response: { readonly decode: unknown; readonly parse: unknown };
    readonly logResponseError?: boolean;
  }
  export default class Connection {
    constructor(options: {
      readonly host: string;
      readonly port: number;
      readonly clientId: string;
      readonly logger: unknown;
      readonly socketFactory: unknown;
      readonly requestTimeout: number;
      readonly connectionTimeout: number;
      readonly enforceRequestTimeout: boolean;
    });
    socket?: { destroy(): void; setNoDelay(on: boolean): void };
    connect(): Promise<boolean>;
    disconnect(): Promise<boolean>;
    isConnected(): boolean;
    rejectRequests(error: Error): void;
    send(protocol: Protocol): Promise<unknown>;
  }
}

declare module "kafkajs/src/network/requestQueue/index.js" {
  export default class RequestQueue {
    pending: readonly unknown[];
    throttledUntil: number;
    scheduleCheckPendingRequests(): void;
  }
}

declare module "kafkajs/src/network/socketFactory.js" {
  export default function createSocketFactory(): unknown;
}

declare module "kafkajs/src/loggers/index.js" {
  const loggers: {
    createLogger(options: {
      readonly level: number;
      readonly logCreator: () => (entry: { readonly log: { readonly message: string } }) => void;
    }): unknown;
  };
  export default loggers;
}

declare module "kafkajs/src/protocol/requests/index.js" {
  interface Definition {
    readonly versions: readonly string[];
    protocol(options: { readonly version: number }): (parameters: object) => {
      readonly request: unknown;
      readonly response: { readonly decode: (bytes: Buffer) => Promise<unknown>; readonly parse: unknown };
    };
  }
  const protocol: { readonly requests: Readonly<Record<string, Definition>> };
  export default protocol;
}

declare module "kafkajs/src/protocol/requests/apiKeys.js" {
  const keys: Readonly<Record<string, number>>;
  export default keys;
}

declare module "kafkajs/src/protocol/error.js" {
  const errors: {
    createErrorFromCode(code: number): Error & { readonly type: string; readonly retriable: boolean };
  };
  export default errors;
}

declare module "kafkajs/src/protocol/decoder.js" {
  export default class Decoder {
    constructor(bytes: Buffer);
    readonly buffer: Buffer;
    offset: number;
    readInt16(): number;
    readInt32(): number;
    readInt64(): bigint;
    readString(): string | null;
    readBytes(length: number): Buffer;
  }
}

declare module "kafkajs/src/protocol/recordBatch/v0/decoder.js" {
  interface DecodedRecord {
    readonly offset: string;
    readonly timestamp: string;
    readonly key: Buffer | null;
    readonly value: Buffer | null;
  }
  interface DecodedBatch {
    readonly firstOffset: string;
    readonly lastOffsetDelta: number;
    readonly producerId: string;
    readonly inTransaction: boolean;
    readonly isControlBatch: boolean;
    readonly records: readonly DecodedRecord[];
  }
  import type Decoder from "kafkajs/src/protocol/decoder.js";
  export default function decodeRecordBatch(decoder: Decoder): Promise<DecodedBatch>;
}
