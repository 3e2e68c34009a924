/**
 * Milliseconds the cursor of a page lives. A snapshot stays readable at least as long after a newer one has come, so that
 * no cursor outlives what it points into.
 */
export const PAGE_LIFE_MS = 24 * 60 * 60 * 1000;

/** Milliseconds no reader needs longer for, once it has begun: a statement is ended after ten minutes. */
export const LONGEST_READ_MS = 11 * 60 * 1000;
