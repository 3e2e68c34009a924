/** @import { Envelope } from "./index.js" */

/**
 * @typedef {{ message: string, extensions?: { code?: unknown, canRetry?: unknown } }} Fault
 * @typedef {{ data?: Record<string, Envelope> | null, errors?: readonly Fault[] }} Answer
 */

/**
 * What comes of a connection. `isFinal`: the same client is refused again. `isToken`: another token may help.
 *
 * @typedef {{ kind: "answer", answer: Answer }
 *   | { kind: "closed", reason: string, isFinal: boolean, isToken: boolean }
 *   | { kind: "refused", errors: readonly Fault[] }} Signal
 */

/**
 * @typedef {object} ConnectionRequest
 * @property {string} url
 * @property {string} token
 * @property {string} query
 * @property {Record<string, unknown>} variables
 * @property {(signal: Signal) => void} onSignal
 */

export {};
