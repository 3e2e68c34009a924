import type { PersonFacts, SourceFacts } from "../../domain/alert/inputs.js";
import type { InputPosition } from "../../domain/events/observation.js";

/** What a judgement rests on beside the record and the state. */
export interface JudgeFacts {
  /** Null: nobody of that id is on record. */
  person(patientId: string): PersonFacts | null;
  source(id: string): SourceFacts;
  /** The id under which a person is on record now, where records were merged. */
  resolve(patientId: string): string;
  /** Whether a record may say itself when it was received: time comes from the input. */
  readonly mayStateReceipt: boolean;
}

/** Where a record lies, and under which key. */
export interface ObservedPlace {
  readonly key: string;
  readonly input: InputPosition;
}
