import type { LoggedEvent } from "../../backend/index.js";
import { datasetPublishedSchema, type DatasetPublished } from "../../domain/events/dataset.js";
import type { TopicName } from "../../domain/events/index.js";
import { readEvent } from "./read.js";

export const DATASET_PUBLISHED = "dataset.published.v1" satisfies TopicName;

export function parseDatasetPublished(event: LoggedEvent): DatasetPublished {
  return readEvent(event, datasetPublishedSchema);
}
