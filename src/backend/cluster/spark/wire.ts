import hive from "hive-driver";

/**
 * What is used of HiveServer2's protocol (TCLIService.thrift), as the generated code of `hive-driver` gives it.
 * Numbers of states and types are the protocol's.
 */

export interface Status {
  readonly statusCode: number;
  readonly sqlState: string | null;
  readonly errorMessage: string | null;
}

/** Opaque; belongs to the server. */
export type SessionHandle = { readonly kind: "session" } & object;
export type OperationHandle = { readonly kind: "operation" } & object;

interface Answer {
  readonly status: Status;
}

/** Exactly one is not null. `nulls` has a bit per row, lowest first; bits past its end are 0. */
export interface RawColumn {
  readonly boolVal: RawValues<boolean> | null;
  readonly byteVal: RawValues<number> | null;
  readonly i16Val: RawValues<number> | null;
  readonly i32Val: RawValues<number> | null;
  readonly i64Val: RawValues<RawInt64> | null;
  readonly doubleVal: RawValues<number> | null;
  readonly stringVal: RawValues<string> | null;
  readonly binaryVal: RawValues<Buffer> | null;
}

export interface RawValues<T> {
  readonly values: readonly T[];
  readonly nulls: Buffer;
}

/** Eight bytes, big-endian, somewhere in a frame. */
export interface RawInt64 {
  readonly buffer: Buffer;
  readonly offset: number;
}

export interface RawColumnDescription {
  readonly columnName: string;
  readonly typeDesc: { readonly types: readonly { readonly primitiveEntry: { readonly type: number } | null }[] };
}

/** Request and answer of each call. */
export interface Calls {
  readonly OpenSession: {
    readonly request: { readonly client_protocol: number; readonly configuration: Readonly<Record<string, string>> };
    readonly answer: Answer & { readonly sessionHandle: SessionHandle };
  };
  readonly GetInfo: {
    readonly request: { readonly sessionHandle: SessionHandle; readonly infoType: number };
    readonly answer: Answer;
  };
  readonly ExecuteStatement: {
    readonly request: {
      readonly sessionHandle: SessionHandle;
      readonly statement: string;
      /** Else there is no handle to cancel (T23). */
      readonly runAsync: true;
    };
    readonly answer: Answer & { readonly operationHandle: OperationHandle };
  };
  readonly GetOperationStatus: {
    readonly request: { readonly operationHandle: OperationHandle };
    readonly answer: Answer & {
      readonly operationState: number;
      readonly sqlState: string | null;
      readonly errorMessage: string | null;
    };
  };
  readonly GetResultSetMetadata: {
    readonly request: { readonly operationHandle: OperationHandle };
    readonly answer: Answer & { readonly schema: { readonly columns: readonly RawColumnDescription[] } | null };
  };
  readonly FetchResults: {
    readonly request: {
      readonly operationHandle: OperationHandle;
      readonly orientation: number;
      readonly maxRows: number;
      readonly fetchType: number;
    };
    readonly answer: Answer & { readonly results: { readonly columns: readonly RawColumn[] } | null };
  };
  readonly CancelOperation: {
    readonly request: { readonly operationHandle: OperationHandle };
    readonly answer: Answer;
  };
  readonly CloseOperation: {
    readonly request: { readonly operationHandle: OperationHandle };
    readonly answer: Answer;
  };
}

export type Method = keyof Calls;
export type RequestOf<M extends Method> = Calls[M]["request"];
export type AnswerOf<M extends Method> = Calls[M]["answer"];

/** What the generated client has of each method: `this` is the client. */
export type RawClient = Readonly<
  Record<Method, (request: object, callback: (fault: unknown, answer: unknown) => void) => void>
>;

/** Version 10: rows by column. */
export const PROTOCOL_V10 = 9;
export const FETCH_NEXT = 0;
export const FETCH_ROWS = 0;
export const INFO_SERVER_NAME = 13;
/** From here on a status is an error: 3 refused, 4 unknown handle. */
export const STATUS_ERROR = 3;
export const STATUS_UNKNOWN_HANDLE = 4;
export const STATE = { finished: 2, canceled: 3, closed: 4, error: 5, timedOut: 8 } as const;
/** Initialized, running, unknown to the server yet, pending. */
export const UNFINISHED: ReadonlySet<number> = new Set([0, 1, 6, 7]);

const types = hive.thrift.TCLIService_types as Readonly<Record<string, new (fields: object) => object>>;

/** A request as the generated client takes it. */
export function rawRequest<M extends Method>(method: M, request: RequestOf<M>): object {
  const Request = types[`T${method}Req`];
  if (Request === undefined) throw new TypeError(`the protocol has no ${method}`);
  return new Request(request);
}
