export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type MakeOptional<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]?: Maybe<T[SubKey]> };
export type MakeMaybe<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]: Maybe<T[SubKey]> };
export type MakeEmpty<T extends { [key: string]: unknown }, K extends keyof T> = { [_ in K]?: never };
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** An opaque place in a list or stream. Give it back unchanged; it is valid for the same query, caller and snapshot only. */
  Cursor: { input: string; output: string; }
  /** A moment as ISO 8601 text in UTC, such as 2026-01-31T12:00:00.000Z. */
  DateTime: { input: string; output: string; }
  /** A length of time as ISO 8601 text of weeks, days, hours, minutes and seconds, such as PT15S or PT2H30M. Years and months have no fixed length and are refused. */
  Duration: { input: string; output: string; }
  /** Any JSON value. */
  JSON: { input: unknown; output: unknown; }
};

/** Something a rule found about a patient, and what became of it. Research and decision support only: no substitute for looking at the patient. */
export type Alert = {
  __typename?: 'Alert';
  /** When the condition ended; null while it is present. */
  abatement?: Maybe<Scalars['DateTime']['output']>;
  /** When. */
  acknowledgedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Who took it on. */
  acknowledgedBy?: Maybe<Scalars['String']['output']>;
  /** What somebody who looked thinks of it. */
  assessment?: Maybe<AlertAssessment>;
  /** What it is about; null for scores and most technical ones. */
  code?: Maybe<Coding>;
  /** Whether its condition holds, announced or not. */
  conditionPresent: Scalars['Boolean']['output'];
  /** Those of the readings it rests on that are kept live. */
  derivedFrom: Array<Observation>;
  /** Event ids of the readings it rests on, the newest last, at most 20. */
  derivedFromIds: Array<Scalars['ID']['output']>;
  /** Milliseconds from the receipt of the reading that raised it to its first step in the log. */
  endToEndLatencyMs?: Maybe<Scalars['Int']['output']>;
  /** How often nobody acknowledged it in time. */
  escalationLevel: Scalars['Int']['output'];
  /** Every step up to this version that the log holds, in order. */
  history: Array<AlertTransition>;
  /** Made from rule, version, patient, subject and onset: the same readings give the same. */
  id: Scalars['ID']['output'];
  /** What the rule looks at. */
  kind: AlertKind;
  /** What it says. */
  message: Scalars['String']['output'];
  /** The person it was raised for, where records were merged since. */
  movedFrom?: Maybe<Scalars['ID']['output']>;
  /** What they noted. */
  note?: Maybe<Scalars['String']['output']>;
  /** How often the condition came while it was open. */
  occurrenceCount: Scalars['Int']['output'];
  /** When the condition began, by the readings. */
  onset: Scalars['DateTime']['output'];
  /** The person, as far as they are on record. */
  patient?: Maybe<Patient>;
  /** The person it is about. */
  patientId: Scalars['ID']['output'];
  /** Whether it is announced. */
  presence: AlertPresence;
  /** How urgent. */
  priority: AlertPriority;
  /** When it was raised. */
  raisedAt: Scalars['DateTime']['output'];
  /** The rule that found it. */
  ruleId: Scalars['ID']['output'];
  /** Version of that rule. */
  ruleVersion: Scalars['Int']['output'];
  /** Its rule is being tried: nobody is called. */
  shadow: Scalars['Boolean']['output'];
  /** It rests on made-up or replayed readings. */
  simulated: Scalars['Boolean']['output'];
  /** Until when it is silent. */
  snoozedUntil?: Maybe<Scalars['DateTime']['output']>;
  /** No data for longer than the rule allows: it may no longer be so. It stays open. */
  stale: Scalars['Boolean']['output'];
  /** The alert it took the place of. */
  supersedes?: Maybe<Scalars['ID']['output']>;
  /** The limit, such as < 90 %. */
  threshold?: Maybe<Scalars['String']['output']>;
  /** Unit of the value. */
  unit?: Maybe<Scalars['String']['output']>;
  /** The reading, score or length of silence behind its last step. */
  value?: Maybe<Scalars['String']['output']>;
  /** Grows by one with every step. Give it as expectedVersion. */
  version: Scalars['Int']['output'];
};

/** What somebody who looked thinks of an alert. */
export enum AlertAssessment {
  /** It asked for something to be done, rightly. */
  Actionable = 'ACTIONABLE',
  /** It was not true: the sensor, not the patient. */
  Artefact = 'ARTEFACT',
  /** It was true and asked for nothing. */
  NotActionable = 'NOT_ACTIONABLE'
}

/** A step of an alert, with the alert behind it. */
export type AlertChange = {
  __typename?: 'AlertChange';
  /** The alert behind the step. */
  alert: Alert;
  /** It no longer meets the filter, by this step: no further one is told until it does again. */
  leaves: Scalars['Boolean']['output'];
  /** The step. */
  transition: AlertTransition;
};

/** A page of alerts, the newest first. */
export type AlertConnection = {
  __typename?: 'AlertConnection';
  /** Number of all matches, whatever the page. */
  count?: Maybe<CountResult>;
  /** Nodes with their cursors. */
  edges: Array<AlertEdge>;
  /** The nodes alone. */
  nodes: Array<Alert>;
  /** Where the page lies. Alerts are live: the snapshot is 0. */
  pageInfo: PageInfo;
};


/** A page of alerts, the newest first. */
export type AlertConnectionCountArgs = {
  mode?: CountMode;
};

/** An alert and its place in the list. */
export type AlertEdge = {
  __typename?: 'AlertEdge';
  /** Place of the node. */
  cursor: Scalars['Cursor']['output'];
  /** The alert. */
  node: Alert;
};

/** One event of alerts. */
export type AlertEvent = {
  __typename?: 'AlertEvent';
  /** Where to resume: given as `after`, the stream goes on behind this event, whatever it was. */
  cursor: Scalars['Cursor']['output'];
  /** What happened. */
  event: AlertPayload;
  /** Names the event for ever: partition and offset in the log; null for a word of the stream. */
  sequence?: Maybe<Scalars['String']['output']>;
};

/** What a rule looks at. */
export enum AlertKind {
  /** Several limits at once. */
  Combination = 'COMBINATION',
  /** The output of a model. */
  Model = 'MODEL',
  /** A mean over a window against a limit. */
  MovingAverage = 'MOVING_AVERAGE',
  /** A score, such as NEWS2. */
  Score = 'SCORE',
  /** Silence: no reading for too long. */
  StaleData = 'STALE_DATA',
  /** Sensors, clocks and contradictions. */
  Technical = 'TECHNICAL',
  /** Readings against a limit. */
  Threshold = 'THRESHOLD',
  /** A change over a window against a limit. */
  Trend = 'TREND'
}

/** A step of an alert, or a word of the stream itself. */
export type AlertPayload = AlertChange | StreamGap | StreamHeartbeat;

/** Whether an alert is announced, beside whether its condition holds (FHIR R6 DeviceAlert). */
export enum AlertPresence {
  /** Somebody silenced it while its condition is present. */
  Ack = 'ACK',
  /** Its condition has gone; it goes on calling until somebody acknowledges. */
  Latched = 'LATCHED',
  /** It is over. */
  Off = 'OFF',
  /** It calls. */
  On = 'ON'
}

/** How urgent, after IEC 60601-1-8: the result of no response against the onset of harm. */
export enum AlertPriority {
  /** Death or irreversible injury, soon. */
  High = 'HIGH',
  /** Asks for nothing. */
  Info = 'INFO',
  /** Discomfort or minor injury, or reversible injury later. */
  Low = 'LOW',
  /** Reversible injury soon, or irreversible injury later. */
  Medium = 'MEDIUM'
}

/** One version of a rule: what calls, and whom it is for. */
export type AlertRule = {
  __typename?: 'AlertRule';
  /** For whom it is. */
  appliesTo: RuleScope;
  /** Who wrote this version; vitalome: it came with the service. */
  author: Scalars['String']['output'];
  /** When the condition is over; null: as soon as the limit is not broken. */
  clear?: Maybe<ThresholdSpec>;
  /** How long it must be over before the alert ends. */
  clearDelay: Scalars['Duration']['output'];
  /** LOINC code of what is measured; null where a kind looks at none, or at any. */
  code?: Maybe<Coding>;
  /** How long the condition must hold before the alert. */
  delay: Scalars['Duration']['output'];
  /** Small letters, digits and hyphens. */
  id: Scalars['ID']['output'];
  /** What it looks at. */
  kind: AlertKind;
  /** Goes on calling after the condition has gone, until somebody acknowledges. */
  latching: Scalars['Boolean']['output'];
  /** The limit that calls: of the value, its mean, its change over the window, or the score. */
  limit?: Maybe<ThresholdSpec>;
  /** What alerts of it are called. */
  name: Scalars['String']['output'];
  /** How urgent. */
  priority: AlertPriority;
  /** Where its limits come from. */
  rationale?: Maybe<Scalars['String']['output']>;
  /** An acknowledged alert whose condition stays calls again after so long; null: never. */
  reAlarm?: Maybe<Scalars['Duration']['output']>;
  /** Of a SCORE: NEWS2. */
  score?: Maybe<Scalars['String']['output']>;
  /** Of a SCORE: also where one parameter alone scores 3. */
  singleRed: Scalars['Boolean']['output'];
  /** Readings older than this say nothing any more; of STALE_DATA: the silence that calls. Null: as the source has it. */
  staleAfter?: Maybe<Scalars['Duration']['output']>;
  /** Whether it calls anybody. */
  status: RuleStatus;
  /** Of a TECHNICAL: what it calls. */
  technical?: Maybe<TechnicalCause>;
  /** Of a COMBINATION: what has to hold at once. */
  terms?: Maybe<Array<RuleTerm>>;
  /** Grows by one with every change. */
  version: Scalars['Int']['output'];
  /** Of a mean or a change: how far back. */
  window?: Maybe<Scalars['Duration']['output']>;
};

/** A rule as it is to be. What a kind does not look at is refused. */
export type AlertRuleInput = {
  /** For whom it is. */
  appliesTo?: InputMaybe<RuleScopeInput>;
  /** When the condition is over; null: as soon as the limit is not broken. */
  clear?: InputMaybe<ThresholdInput>;
  /** How long it must be over before the alert ends. */
  clearDelay?: InputMaybe<Scalars['Duration']['input']>;
  /** LOINC code of what is measured; null where a kind looks at none, or at any. */
  code?: InputMaybe<CodingInput>;
  /** How long the condition must hold before the alert. */
  delay?: InputMaybe<Scalars['Duration']['input']>;
  /** What it looks at. */
  kind: AlertKind;
  /** Goes on calling after the condition has gone, until somebody acknowledges. */
  latching?: Scalars['Boolean']['input'];
  /** The limit that calls: of the value, its mean, its change over the window, or the score. */
  limit?: InputMaybe<ThresholdInput>;
  /** What alerts of it are called. */
  name: Scalars['String']['input'];
  /** How urgent. */
  priority: AlertPriority;
  /** Where its limits come from; kept with the change. */
  rationale: Scalars['String']['input'];
  /** An acknowledged alert whose condition stays calls again after so long; null: never. */
  reAlarm?: InputMaybe<Scalars['Duration']['input']>;
  /** Of a SCORE: NEWS2. */
  score?: InputMaybe<Scalars['String']['input']>;
  /** Of a SCORE: also where one parameter alone scores 3. */
  singleRed?: Scalars['Boolean']['input'];
  /** Readings older than this say nothing any more; of STALE_DATA: the silence that calls. Null: as the source has it. */
  staleAfter?: InputMaybe<Scalars['Duration']['input']>;
  /** Of a TECHNICAL: what it calls. */
  technical?: InputMaybe<TechnicalCause>;
  /** Of a COMBINATION: what has to hold at once. */
  terms?: InputMaybe<Array<RuleTermInput>>;
  /** Of a mean or a change: how far back. */
  window?: InputMaybe<Scalars['Duration']['input']>;
};

/** Why an alert made a step. */
export enum AlertStepReason {
  /** Somebody took it on. */
  Acknowledged = 'ACKNOWLEDGED',
  /** Somebody said what they think of it. */
  Assessed = 'ASSESSED',
  /** Its condition was over for long enough. */
  Cleared = 'CLEARED',
  /** The patient withdrew consent. */
  ConsentWithdrawn = 'CONSENT_WITHDRAWN',
  /** A reading it rests on was corrected. */
  Corrected = 'CORRECTED',
  /** The patient was discharged. */
  Discharged = 'DISCHARGED',
  /** Nobody acknowledged it in time. */
  Escalated = 'ESCALATED',
  /** Data came again. */
  Fresh = 'FRESH',
  /** Its patient's record was merged into another. */
  Merged = 'MERGED',
  /** Its rule is not for this patient, or no longer. */
  NotApplicable = 'NOT_APPLICABLE',
  /** Its condition had held for long enough. */
  Raised = 'RAISED',
  /** Its condition came back while it was open. */
  Recurred = 'RECURRED',
  /** Somebody ended it. */
  Resolved = 'RESOLVED',
  /** It was acknowledged, and its condition stayed for too long. */
  ReAlarm = 'RE_ALARM',
  /** Its rule has another version. */
  RuleChanged = 'RULE_CHANGED',
  /** Its rule is no longer in force. */
  RuleRetired = 'RULE_RETIRED',
  /** Somebody silenced it for a while. */
  Snoozed = 'SNOOZED',
  /** The silence ended by itself. */
  SnoozeExpired = 'SNOOZE_EXPIRED',
  /** There were no data for too long: what it says may no longer hold. */
  Stale = 'STALE',
  /** The patient was moved. */
  Transferred = 'TRANSFERRED',
  /** The merge was undone. */
  Unmerged = 'UNMERGED',
  /** Somebody ended the silence. */
  Unsnoozed = 'UNSNOOZED',
  /** Its priority rose. */
  Worsened = 'WORSENED'
}

/** One step in the life of an alert. Steps are added, never changed. */
export type AlertTransition = {
  __typename?: 'AlertTransition';
  /** When it was due, by the service's one clock. */
  at: Scalars['DateTime']['output'];
  /** Who; null for the service itself. */
  by?: Maybe<Scalars['String']['output']>;
  /** Before; null for the first. */
  from?: Maybe<AlertPresence>;
  /** When the log took it. */
  loggedAt: Scalars['DateTime']['output'];
  /** Priority behind it. */
  priority: AlertPriority;
  /** Why. */
  reason: AlertStepReason;
  /** Words of a person, or of what was found. */
  text?: Maybe<Scalars['String']['output']>;
  /** After. */
  to: AlertPresence;
  /** Version of the alert behind it. */
  version: Scalars['Int']['output'];
};

/** A frequency recounted from genotypes, in one call set and group. */
export type AlleleFrequencyFilter = {
  /** Bounds on AC/AN. Missing: the variant is not in the call set, the group is not in its sheet, or nothing was called. */
  af: RangeInput;
  /** Population or superpopulation code of the sample sheet; everybody when left out. */
  population?: InputMaybe<Scalars['String']['input']>;
  /** female or male; everybody when left out. */
  sex?: InputMaybe<Scalars['String']['input']>;
  /** Id or name of a call set; any call set when left out. */
  source?: InputMaybe<Scalars['String']['input']>;
};

/** Where every alternate allele of a file went: read = accepted + filtered + quarantined + duplicates. */
export type AlleleLedger = {
  __typename?: 'AlleleLedger';
  /** Rows made. */
  accepted: Scalars['Float']['output'];
  /** Whether the sum holds. */
  balanced: Scalars['Boolean']['output'];
  /** Already there with the same content. */
  duplicates: Scalars['Float']['output'];
  /** Left out by filters, by rule. */
  filtered: Array<RuleCount>;
  /** In contradiction to what the call set has. */
  quarantined: Array<RuleCount>;
  /** Alternate alleles in accepted or filtered records, without *, <NON_REF> and dots. */
  read: Scalars['Float']['output'];
};

/** A version of knowledge that answers are made from. */
export type AnnotationSource = {
  __typename?: 'AnnotationSource';
  /** Name. */
  name: Scalars['String']['output'];
  /** When it was released. */
  releasedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Version. */
  version: Scalars['String']['output'];
};

/** An alert that a rule would have raised. */
export type BacktestCase = {
  __typename?: 'BacktestCase';
  /** When it would have ended; null: not within the period. */
  endedAt?: Maybe<Scalars['DateTime']['output']>;
  /** What it would have said, as it last stood. */
  message: Scalars['String']['output'];
  /** When its condition began. */
  onset: Scalars['DateTime']['output'];
  /** Of whom. */
  patientId: Scalars['ID']['output'];
  /** When it would have called. */
  raisedAt: Scalars['DateTime']['output'];
};

/** How much earlier the candidate calls where both do, in seconds; below 0 it is later. */
export type BacktestLead = {
  __typename?: 'BacktestLead';
  /** The least. */
  leastSeconds: Scalars['Float']['output'];
  /** The median. */
  medianSeconds: Scalars['Float']['output'];
  /** The most. */
  mostSeconds: Scalars['Float']['output'];
};

/** What a rule would have raised in a period, beside the rule in force. Nobody answers in a replay: alerts end by their condition alone. Nothing from before the period is known in it. Persons and sources are as they are known when it runs, plans as they were in force. */
export type BacktestReport = {
  __typename?: 'BacktestReport';
  /** Alerts of both about the same. */
  both: Scalars['Float']['output'];
  /** Of the rule that is weighed. */
  candidate: BacktestSide;
  /** Of the rule it is compared with; null where there is none. */
  current?: Maybe<BacktestSide>;
  /** Alerts of the candidate alone; 0 where there is no other rule. */
  extra: Scalars['Float']['output'];
  /** The first that the candidate alone raises, at most 20. */
  extraCases: Array<BacktestCase>;
  /** How much earlier it calls; null where no alert is of both. */
  lead?: Maybe<BacktestLead>;
  /** Alerts of the other rule alone. */
  missed: Scalars['Float']['output'];
  /** The first that the other rule alone raises, at most 20. */
  missedCases: Array<BacktestCase>;
  /** Days from the first reading of each patient to the last, added up. */
  patientDays: Scalars['Float']['output'];
  /** Patients with readings in the period. */
  patients: Scalars['Int']['output'];
};

/** What one rule would have raised. */
export type BacktestSide = {
  __typename?: 'BacktestSide';
  /** Alerts; a whole number. */
  alerts: Scalars['Float']['output'];
  /** The first of them, at most 20. */
  cases: Array<BacktestCase>;
  /** Alerts per patient-day; null where nobody was observed for any time. */
  perPatientDay?: Maybe<Scalars['Float']['output']>;
  /** The rule. */
  ruleId: Scalars['ID']['output'];
  /** Its version; of a rule that is not written, the one it would get. */
  version: Scalars['Int']['output'];
};

/** A job over data that are already in the store. */
export type BatchJobInput = {
  /** Any text, 1 to 200 characters. The same key with other parameters is refused. */
  idempotencyKey: Scalars['String']['input'];
  /** annotate-variants or clean-up. */
  kind: Scalars['String']['input'];
  /** Parameters of the kind. annotate-variants has none; clean-up takes keep (hours or days, such as 36h or 7d: how long older snapshots stay readable, at least 24h, which is the default) and dryRun. */
  params?: InputMaybe<Scalars['JSON']['input']>;
};

/** Files called together: one build, one set of samples. Frequencies and genotypes belong to a call set. */
export type CallSet = {
  __typename?: 'CallSet';
  /** Build. */
  build: ReferenceGenome;
  /** ##source of its files. */
  caller?: Maybe<Scalars['String']['output']>;
  /** Names of its files. */
  files: Array<Scalars['String']['output']>;
  /** Hash of build, sorted samples and name. */
  id: Scalars['ID']['output'];
  /** What its files hold. */
  kind: CallSetKind;
  /** Name the caller gave. */
  name?: Maybe<Scalars['String']['output']>;
  /** Samples to look at twice. */
  sampleFlags: Array<SampleFlag>;
  /** Names of its samples, sorted. */
  sampleIds: Array<Scalars['ID']['output']>;
  /** Number of samples. */
  samples: Scalars['Int']['output'];
  /** Rows in its variants: sites times alternates. */
  sites: Scalars['Int']['output'];
};

/** What the files of a call set hold. In none of them does an absent site mean reference. */
export enum CallSetKind {
  /** Sites that vary in the cohort. */
  CohortVariantsOnly = 'COHORT_VARIANTS_ONLY',
  /** A fixed list of sites, also those where nobody carries an alternate. */
  ForcedSites = 'FORCED_SITES',
  /** Variants, and intervals of confident reference. */
  Gvcf = 'GVCF',
  /** The variants of one sample. */
  SingleVariantsOnly = 'SINGLE_VARIANTS_ONLY'
}

/** What a clean-up removed; of a dry run what it would have. */
export type CleanUp = {
  __typename?: 'CleanUp';
  /** Bytes of all reasons. */
  bytes: Scalars['Float']['output'];
  /** Whether nothing was removed. */
  dryRun: Scalars['Boolean']['output'];
  /** Files of all reasons. */
  files: Scalars['Float']['output'];
  /** The oldest snapshot that can be read. */
  oldestReadable: Scalars['ID']['output'];
  /** By reason, without those that did not apply. */
  reasons: Array<CleanUpCount>;
};

/** What went for one reason. */
export type CleanUpCount = {
  __typename?: 'CleanUpCount';
  /** Bytes; a whole number. */
  bytes: Scalars['Float']['output'];
  /** Files; a whole number. */
  files: Scalars['Float']['output'];
  /** What became of the job that wrote it (superseded, unpublished, failed, cancelled, unknown), or what it is (scratch, export, driver: what Spark left on the worker's machine). */
  reason: Scalars['String']['output'];
};

/** What one source says about exactly this allele. Not clinical advice. Several kinds and sources stand side by side and are not merged. */
export type ClinicalSignificance = {
  __typename?: 'ClinicalSignificance';
  /** The classifications in it; where submitters conflict, each that one of them gave. */
  classifications: Array<Scalars['String']['output']>;
  /** Conditions it was classified for. */
  conditions: Array<Coding>;
  /** Whether submitters disagree. */
  conflicting: Scalars['Boolean']['output'];
  /** Submissions, or the counts of conflicting classifications. */
  evidence?: Maybe<Scalars['String']['output']>;
  /** Genes the source itself names; genes by position are `VariantAnnotations.genes`. */
  geneSymbols: Array<Scalars['String']['output']>;
  /** Gold stars, 0 to 4; null where the review status is missing or has none. */
  goldStars?: Maybe<Scalars['Int']['output']>;
  /** P/LP, VUS+conflicting, B/LB or other; germline pathogenicity only. */
  group: Scalars['String']['output'];
  /** What was classified: germline, oncogenicity or somatic_impact. */
  kind: Scalars['String']['output'];
  /** When it was last evaluated, where the file says so. */
  lastEvaluated?: Maybe<Scalars['DateTime']['output']>;
  /** Review status, as the source writes it. */
  reviewStatus?: Maybe<Scalars['String']['output']>;
  /** As in the ClinVar VCF, such as Pathogenic/Likely_pathogenic|drug_response. */
  significance: Scalars['String']['output'];
  /** Who says so. */
  source: AnnotationSource;
  /** The source's id of the variation; not its allele id. */
  variationId?: Maybe<Scalars['String']['output']>;
};

/** A code of a vocabulary (FHIR Coding). */
export type Coding = {
  __typename?: 'Coding';
  /** The code. */
  code: Scalars['String']['output'];
  /** What it means. */
  display?: Maybe<Scalars['String']['output']>;
  /** The vocabulary: a URI, or the name its source uses, such as MONDO. */
  system: Scalars['String']['output'];
};

/** A code to look for, whole. */
export type CodingInput = {
  /** The code. */
  code: Scalars['String']['input'];
  /** The vocabulary; any when left out. */
  system?: InputMaybe<Scalars['String']['input']>;
};

/** People who meet criteria. Who they are follows what is known of them: a newer snapshot may hold others. */
export type Cohort = {
  __typename?: 'Cohort';
  /** The criteria, all of which hold, as they were given. */
  definition: Scalars['JSON']['output'];
  /** Its name for programs. */
  id: Scalars['ID']['output'];
  /** Its name for people. */
  name: Scalars['String']['output'];
  /** Who they are, by id, pinned to one snapshot. */
  patients: PatientConnection;
  /** Grows by one with every change. */
  version: Scalars['Int']['output'];
};


/** People who meet criteria. Who they are follows what is known of them: a newer snapshot may hold others. */
export type CohortPatientsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  first?: Scalars['Int']['input'];
};

/** An allele frequency in one group of one call set (GA4GH VA-Spec names). Recounted from genotypes; never summed over files. */
export type CohortAlleleFrequency = {
  __typename?: 'CohortAlleleFrequency';
  /** AC divided by AN; null when nothing was called. */
  alleleFrequency?: Maybe<Scalars['Float']['output']>;
  /** The call set. */
  callSetId?: Maybe<Scalars['ID']['output']>;
  /** Name of the call set, or its id where it has none. */
  cohort: Scalars['String']['output'];
  /** Copies of this alternate (AC). */
  focusAlleleCount: Scalars['Int']['output'];
  /** Haploid samples with one copy. */
  hemizygotes?: Maybe<Scalars['Int']['output']>;
  /** Samples with two copies. */
  homozygotes?: Maybe<Scalars['Int']['output']>;
  /** Called alleles (AN). */
  locusAlleleCount: Scalars['Int']['output'];
  /** Population or superpopulation code; null for everybody. */
  population?: Maybe<Scalars['String']['output']>;
  /** female or male; null for everybody. */
  sex?: Maybe<Scalars['String']['output']>;
  /** The same by sex, superpopulation, population, and superpopulation by sex; null inside a subgroup. */
  subcohortFrequency?: Maybe<Array<CohortAlleleFrequency>>;
};

/** Something true of a person: all given fields hold. Unknown does not match, nor does its opposite. */
export type CohortCriterion = {
  /** Age in completed years today. Missing: no birth date, one too coarse to tell, or the person has died. */
  ageYears?: InputMaybe<RangeInput>;
  /** A condition is on record. One that was refuted or entered in error never matches. */
  condition?: InputMaybe<CodingInput>;
  /** Administrative gender: male, female, other or unknown. */
  gender?: InputMaybe<Array<Scalars['String']['input']>>;
  /** A drug was ordered. A draft, and an order cancelled or entered in error, never match. */
  medication?: InputMaybe<CodingInput>;
  /** The opposite of all this together. */
  not?: InputMaybe<Scalars['Boolean']['input']>;
  /** Something was observed. */
  observation?: InputMaybe<ObservationCriterion>;
  /** One of these samples is this person's alone. */
  sampleIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** A sample that is this person's alone carries such a variant. False only where a call set of the sample holds such a variant; else unknown: absent is not reference. */
  variant?: InputMaybe<VariantFilter>;
};

/** A cohort as it is to be. */
export type CohortInput = {
  /** At most 20 criteria; all of them hold. */
  and: Array<CohortCriterion>;
  /** Its name for people. */
  name: Scalars['String']['input'];
  /** Why; kept with the change. */
  reason: Scalars['String']['input'];
};

/** A condition on record (FHIR Condition). On record is not the same as present: see its states. */
export type Condition = {
  __typename?: 'Condition';
  /** active, recurrence, relapse, inactive, remission or resolved; null where the source does not say. */
  clinicalStatus?: Maybe<Scalars['String']['output']>;
  /** Its first coding; null where the source gives text alone. */
  code?: Maybe<Coding>;
  /** All codings. */
  codings: Array<Coding>;
  /** The encounter it was recorded in. */
  encounterId?: Maybe<Scalars['ID']['output']>;
  /** Id of the record. */
  id: Scalars['ID']['output'];
  /** When it began. FHIR date or dateTime as the source gives it: a year stays a year. */
  onset?: Maybe<Scalars['String']['output']>;
  /** File, line and job. */
  provenance: Provenance;
  /** When it was recorded. FHIR date or dateTime as the source gives it: a year stays a year. */
  recorded?: Maybe<Scalars['String']['output']>;
  /** Text of the source, or the display of the first coding. */
  text?: Maybe<Scalars['String']['output']>;
  /** unconfirmed, provisional, differential, confirmed, refuted or entered-in-error; null where the source does not say. */
  verificationStatus?: Maybe<Scalars['String']['output']>;
};

/** What a person agreed to (FHIR Consent). */
export type Consent = {
  __typename?: 'Consent';
  /** When it was given. FHIR date or dateTime as the source gives it: a year stays a year. */
  dateTime?: Maybe<Scalars['String']['output']>;
  /** permit or deny, of the root provision. */
  decision?: Maybe<Scalars['String']['output']>;
  /** Id of the record. */
  id: Scalars['ID']['output'];
  /** Code of the policy rule. */
  policy?: Maybe<Scalars['String']['output']>;
  /** Code of the scope, such as research. */
  scope?: Maybe<Scalars['String']['output']>;
  /** draft, proposed, active, rejected, inactive or entered-in-error. */
  status: Scalars['String']['output'];
};

/** What somebody says of being watched. */
export enum ConsentState {
  /** They are watched. So is whoever said nothing. */
  Given = 'GIVEN',
  /** Alerts have ended; readings are kept and raise none. */
  Withdrawn = 'WITHDRAWN'
}

/** How start and end count bases. */
export enum CoordinateSystem {
  /** VCF, HGVS, GFF and region strings: the first base is 1, the end is included. */
  OneBasedClosed = 'ONE_BASED_CLOSED',
  /** BED, SPDI, VRS and BAM: the first base is 0, the end is excluded. */
  ZeroBasedHalfOpen = 'ZERO_BASED_HALF_OPEN'
}

/** Whether a list counts all its members. APPROXIMATE is answered exactly where that is as cheap. */
export enum CountMode {
  Approximate = 'APPROXIMATE',
  Exact = 'EXACT',
  None = 'NONE'
}

/** A number of members, and how it was obtained. */
export type CountResult = {
  __typename?: 'CountResult';
  /** Whether the value is exact. */
  exact: Scalars['Boolean']['output'];
  /** How fine the answer is. */
  granularity: Granularity;
  /** Smallest count that is shown to this caller; null when all are. */
  minCell?: Maybe<Scalars['Int']['output']>;
  /** Whether a small count is hidden. */
  suppressed: Scalars['Boolean']['output'];
  /** The count; null when it was not asked for or is suppressed. */
  value?: Maybe<Scalars['Int']['output']>;
};

/** Data files a job published. */
export type Dataset = {
  __typename?: 'Dataset';
  /** Storage format. */
  format: Scalars['String']['output'];
  /** Table and snapshot. */
  id: Scalars['ID']['output'];
  /** When it was published. */
  publishedAt: Scalars['DateTime']['output'];
  /** Rows written. */
  rows?: Maybe<Scalars['Float']['output']>;
  /** First snapshot that holds it. */
  snapshotId: Scalars['ID']['output'];
  /** Name of the table. */
  table: Scalars['String']['output'];
  /** Path in the store. */
  uri: Scalars['String']['output'];
};

/** One event of datasetPublished. */
export type DatasetEvent = {
  __typename?: 'DatasetEvent';
  /** Where to resume: given as `after`, the stream goes on behind this event, whatever it was. */
  cursor: Scalars['Cursor']['output'];
  /** What happened. */
  event: DatasetPayload;
};

/** A published snapshot, or a word of the stream itself. */
export type DatasetPayload = DatasetPublication | StreamGap | StreamHeartbeat;

/** A snapshot that was published: queries may be pinned to it from now on. */
export type DatasetPublication = {
  __typename?: 'DatasetPublication';
  /** The job that published it. */
  jobId?: Maybe<Scalars['ID']['output']>;
  /** Kind of that job. */
  kind?: Maybe<Scalars['String']['output']>;
  /** When it was published. */
  publishedAt: Scalars['DateTime']['output'];
  /** Number of the snapshot. */
  snapshotId: Scalars['ID']['output'];
  /** Every table of the snapshot, by name. */
  tables: Array<TableRows>;
};

/** Days, both included; open where one is left out. */
export type DateRangeInput = {
  /** YYYY-MM-DD. */
  from?: InputMaybe<Scalars['String']['input']>;
  /** YYYY-MM-DD. */
  to?: InputMaybe<Scalars['String']['input']>;
};

/** A contact with care (FHIR Encounter). */
export type Encounter = {
  __typename?: 'Encounter';
  /** Code of the class, such as AMB or IMP. */
  class?: Maybe<Scalars['String']['output']>;
  /** End. FHIR date or dateTime as the source gives it: a year stays a year. */
  end?: Maybe<Scalars['String']['output']>;
  /** Id of the record. */
  id: Scalars['ID']['output'];
  /** Where: the first location. */
  location?: Maybe<Scalars['String']['output']>;
  /** Begin. FHIR date or dateTime as the source gives it: a year stays a year. */
  start?: Maybe<Scalars['String']['output']>;
  /** planned, in-progress, finished and so on. */
  status: Scalars['String']['output'];
};

/** Format of an exported file. */
export enum ExportFormat {
  /** Apache Arrow IPC file (Feather version 2). */
  ArrowIpc = 'ARROW_IPC',
  /** RFC 4180 with a header. Null is an empty cell, empty text is two quotes. A text that begins with = + - @ ' or a tab has a ' in front. */
  Csv = 'CSV',
  /** One JSON object a line. */
  Ndjson = 'NDJSON',
  /** Apache Parquet, zstd. */
  Parquet = 'PARQUET',
  /** VCF 4.3 compressed with bgzip: the sites alone, of one build. */
  VcfBgz = 'VCF_BGZ'
}

/** Matches counted by one field. A variant counts once in each bucket it belongs to. */
export type Facet = {
  __typename?: 'Facet';
  /** The most frequent values first, ties by key. */
  buckets: Array<FacetBucket>;
  /** The field. */
  field: Scalars['String']['output'];
  /** Matches that have no value. */
  missing?: Maybe<CountResult>;
  /** Sum of the buckets that are not shown. */
  otherCount?: Maybe<CountResult>;
};

/** Matches that have one value. */
export type FacetBucket = {
  __typename?: 'FacetBucket';
  /** Matches. */
  count: CountResult;
  /** The value; for genes their id. */
  key: Scalars['String']['output'];
  /** The value for people; for genes their symbol. */
  label?: Maybe<Scalars['String']['output']>;
};

/** What to count matches by. */
export type FacetInput = {
  /** gene, significance, reviewStars, type, chromosome or filter. */
  field: Scalars['String']['input'];
  /** Buckets shown, 1 to 1000; the rest is `otherCount`. */
  size?: Scalars['Int']['input'];
};

/** How one input file ended: with a ledger, or with the reason it was refused. */
export type FileLedger = {
  __typename?: 'FileLedger';
  /** The call set the records went to. */
  callSetId?: Maybe<Scalars['ID']['output']>;
  /** Error code of a refusal. */
  code?: Maybe<Scalars['String']['output']>;
  /** What was expected there. */
  expected?: Maybe<Scalars['String']['output']>;
  /** Field of the fault. */
  field?: Maybe<Scalars['String']['output']>;
  /** Name of the file. */
  file: Scalars['String']['output'];
  /** Where its records went; null when refused. */
  ledger?: Maybe<IngestLedger>;
  /** Line of the fault. */
  line?: Maybe<Scalars['Int']['output']>;
  /** Why it was refused. */
  message?: Maybe<Scalars['String']['output']>;
  /** Accepted, partly quarantined, or refused. */
  status: FileStatus;
  /** Id that PUT /files answered. */
  uri: Scalars['ID']['output'];
};

/** How one input file ended. */
export enum FileStatus {
  /** Every record was accepted, filtered, or a duplicate. */
  Accepted = 'ACCEPTED',
  /** Some records are in quarantine. */
  Partial = 'PARTIAL',
  /** The file itself has a fault: nothing of it was taken. */
  Refused = 'REFUSED'
}

/** How fresh an answer is. */
export type Freshness = {
  __typename?: 'Freshness';
  /** When the snapshot was published. */
  asOf: Scalars['DateTime']['output'];
  /** Whether the answer can no longer change for this snapshot. */
  isFinal: Scalars['Boolean']['output'];
  /** The layer the answer comes from. */
  layer: Layer;
  /** Event time up to which a stream is complete; null for batch data. */
  watermark?: Maybe<Scalars['DateTime']['output']>;
};

/** Why events were not delivered. */
export enum GapReason {
  /** The log no longer holds them. */
  RetentionPassed = 'RETENTION_PASSED',
  /** The client read too slowly and was cut off; resuming gives them. */
  SlowConsumer = 'SLOW_CONSUMER'
}

/** A gene as one release of one gene table places it; on either strand. */
export type Gene = {
  __typename?: 'Gene';
  /** Build of the coordinates. */
  assemblyId: ReferenceGenome;
  /** Contig without chr. */
  chrom: Scalars['String']['output'];
  /** Diseases that sources tie to its symbol. */
  diseases: Array<GeneDisease>;
  /** Last base, 1-based. */
  end: Scalars['Int']['output'];
  /** Ensembl id. */
  ensemblId?: Maybe<Scalars['String']['output']>;
  /** HGNC id. */
  hgncId?: Maybe<Scalars['String']['output']>;
  /** HGNC id where the table gives it, else the Ensembl id. */
  id: Scalars['ID']['output'];
  /** Name in words. */
  name?: Maybe<Scalars['String']['output']>;
  /** The gene table. */
  source: AnnotationSource;
  /** First base, 1-based. */
  start: Scalars['Int']['output'];
  /** Symbol: an alias, which several genes may share. */
  symbol: Scalars['String']['output'];
};

/** A disease that a source ties to a gene. */
export type GeneDisease = {
  __typename?: 'GeneDisease';
  /** The disease. */
  disease: Coding;
  /** What the source counts as evidence, as it writes it. */
  evidence?: Maybe<Scalars['String']['output']>;
  /** Who says so. */
  source: AnnotationSource;
};

/** A stretch of one contig. A variant matches when its REF overlaps it: a deletion that begins before the region still does. */
export type GenomicRegionInput = {
  /** Build of the coordinates. */
  assemblyId: ReferenceGenome;
  /** How start and end count. */
  coordinateSystem?: CoordinateSystem;
  /** End, counted as coordinateSystem says. */
  end: Scalars['Int']['input'];
  /** Contig: 10, chr10 and NC_000010.11 are the same. */
  referenceName: Scalars['String']['input'];
  /** Start, counted as coordinateSystem says. */
  start: Scalars['Int']['input'];
};

/** What one call set says about one sample at one allele. */
export type Genotype = {
  __typename?: 'Genotype';
  /** Reads for REF and for this alternate (AD). */
  ad?: Maybe<Array<Scalars['Int']['output']>>;
  /** The call set that says so: one sample may be in several. */
  callSetId: Scalars['ID']['output'];
  /** Copies of this alternate; null when missing or not assayed. */
  dosage?: Maybe<Scalars['Int']['output']>;
  /** Read depth (DP); for a reference interval the lowest. */
  dp?: Maybe<Scalars['Int']['output']>;
  /** Genotype filters (FT); null when none were run. */
  filters?: Maybe<Array<Scalars['String']['output']>>;
  /** Facts to know about the sample: sexPloidyMismatch, multiAncestry. */
  flags: Array<Scalars['String']['output']>;
  /** Genotype quality (GQ, phred); for a reference interval the lowest. */
  gq?: Maybe<Scalars['Int']['output']>;
  /** GT exactly as in the original record, before splitting; `.` where the sample was not looked at. */
  gt: Scalars['String']['output'];
  /** Copies of other alternates of the original record. */
  otherAltDosage?: Maybe<Scalars['Int']['output']>;
  /** The person the sample is linked to; null where it is unlinked or ambiguous (see sampleLink). */
  patient?: Maybe<Patient>;
  /** PS of the record: phased calls of different sets are not in phase. */
  phaseSet?: Maybe<Scalars['String']['output']>;
  /** Whether every separator in GT is |. */
  phased: Scalars['Boolean']['output'];
  /** Alleles in GT: 1 for haploid calls on X, Y and MT. */
  ploidy?: Maybe<Scalars['Int']['output']>;
  /** Name of the sample in its files. */
  sampleId: Scalars['ID']['output'];
  /** Whose the sample is. */
  sampleLink: SampleLink;
  /** Allelic state with respect to this alternate. */
  zygosity: Zygosity;
};

/** A page of genotypes, by call set, then by sample name. */
export type GenotypeConnection = {
  __typename?: 'GenotypeConnection';
  /** Number of all members, whatever the page. */
  count?: Maybe<CountResult>;
  /** Nodes with their cursors. */
  edges: Array<GenotypeEdge>;
  /** The nodes alone. */
  nodes: Array<Genotype>;
  /** Where the page lies. */
  pageInfo: PageInfo;
};


/** A page of genotypes, by call set, then by sample name. */
export type GenotypeConnectionCountArgs = {
  mode?: CountMode;
};

/** How many samples of a group have which genotype. The classes add up to the samples of the group. */
export type GenotypeCounts = {
  __typename?: 'GenotypeCounts';
  /** Counts are per call set and never summed over call sets. */
  callSetId: Scalars['ID']['output'];
  /** One allele called, one missing. */
  halfMissing: Scalars['Int']['output'];
  /** Haploid, this alternate (X, Y, MT). */
  hemiAlt: Scalars['Int']['output'];
  /** Haploid REF (X, Y, MT). */
  hemiRef: Scalars['Int']['output'];
  /** One REF, one copy of this alternate. */
  het: Scalars['Int']['output'];
  /** This alternate and another one. */
  hetAlt: Scalars['Int']['output'];
  /** Diploid, only this alternate. */
  homAlt: Scalars['Int']['output'];
  /** Diploid, only REF (in the original record, before splitting). */
  homRef: Scalars['Int']['output'];
  /** No allele called. */
  missing: Scalars['Int']['output'];
  /** Only other alternates of the original record. */
  otherAlt: Scalars['Int']['output'];
  /** Population or superpopulation code of the sample sheet; null for everybody. */
  population?: Maybe<Scalars['String']['output']>;
  /** Samples with at least one called allele (NS). */
  samplesWithData: Scalars['Int']['output'];
  /** female or male, of the sample sheet; null for everybody. */
  sex?: Maybe<Scalars['String']['output']>;
};

/** A genotype and its place in the list. */
export type GenotypeEdge = {
  __typename?: 'GenotypeEdge';
  /** Place of the node. */
  cursor: Scalars['Cursor']['output'];
  /** The genotype. */
  node: Genotype;
};

/** How fine an answer is (GA4GH Beacon v2): coarser than asked at most, never finer. */
export enum Granularity {
  Aggregated = 'AGGREGATED',
  Boolean = 'BOOLEAN',
  Count = 'COUNT',
  Record = 'RECORD'
}

/** A business identifier of a person (FHIR Identifier). */
export type Identifier = {
  __typename?: 'Identifier';
  /** Who gives such identifiers: a URI; empty where the source does not say. */
  system: Scalars['String']['output'];
  /** The identifier. */
  value: Scalars['String']['output'];
};

/** Where every record of the input went: recordsRead = accepted + filtered + quarantined + duplicates. */
export type IngestLedger = {
  __typename?: 'IngestLedger';
  /** Records of which at least one alternate was taken, or which tell where reference was seen. */
  accepted: Scalars['Float']['output'];
  /** The same over alternate alleles. */
  alleles: AlleleLedger;
  /** Whether the sum holds. */
  balanced: Scalars['Boolean']['output'];
  /** Records whose alternates were all there already, with the same content. */
  duplicates: Scalars['Float']['output'];
  /** Records left out by filters, by rule. */
  filtered: Array<RuleCount>;
  /** Records that came late; a part of accepted. Files have none. */
  late: Scalars['Float']['output'];
  /** Where the quarantined records lie, as NDJSON in the store. */
  quarantineUri?: Maybe<Scalars['String']['output']>;
  /** Records in quarantine, by rule. */
  quarantined: Array<RuleCount>;
  /** Records in the input. */
  recordsRead: Scalars['Float']['output'];
  /** The first quarantined records, in file order; all of them lie at quarantineUri. */
  samples: Array<QuarantinedRecord>;
};


/** Where every record of the input went: recordsRead = accepted + filtered + quarantined + duplicates. */
export type IngestLedgerSamplesArgs = {
  first?: Scalars['Int']['input'];
};

/** A piece of work that is watched: ingest, removal, export. */
export type Job = {
  __typename?: 'Job';
  /** What a backtest found; null for other jobs, and until it has ended. */
  backtest?: Maybe<BacktestReport>;
  /** What a clean-up removed; null for other jobs, and until it has ended. */
  cleanUp?: Maybe<CleanUp>;
  /** When it ended. */
  endedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Why it failed. */
  error?: Maybe<JobError>;
  /** What a dry run found. */
  estimate?: Maybe<JobEstimate>;
  /** Of a complete export: the path of its file on this service, for GET with the bearer token. Null for other jobs. */
  exportUrl?: Maybe<Scalars['String']['output']>;
  /** How each input file ended, in the order of the inputs; empty until the job has ended. */
  fileLedgers: Array<FileLedger>;
  /** The same kind and idempotency key are the same job. */
  id: Scalars['ID']['output'];
  /** The caller's key. */
  idempotencyKey?: Maybe<Scalars['String']['output']>;
  /** Ids of its input files. */
  inputs: Array<Scalars['String']['output']>;
  /** Name of the job, such as ingest-variants. */
  kind: Scalars['String']['output'];
  /** The ledgers of all its files added up; null until the job has ended. */
  ledger?: Maybe<IngestLedger>;
  /** Last lines of its log, oldest first. */
  logTail: Array<Scalars['String']['output']>;
  /** What it published; empty until then. */
  outputs: Array<Dataset>;
  /** Its parameters. */
  parameters: Scalars['JSON']['output'];
  /** From 0 to 1. */
  progress?: Maybe<Scalars['Float']['output']>;
  /** When it was submitted. */
  queuedAt: Scalars['DateTime']['output'];
  /** The job this one tries again. */
  retryOf?: Maybe<Scalars['ID']['output']>;
  /** What it is doing. */
  stage?: Maybe<Scalars['String']['output']>;
  /** When it first ran. */
  startedAt?: Maybe<Scalars['DateTime']['output']>;
  /** State. */
  state: RunState;
  /** Subject of the token that submitted it. */
  submittedBy: Scalars['String']['output'];
  /** Grows by one with every transition, from 1. */
  version: Scalars['Int']['output'];
};


/** A piece of work that is watched: ingest, removal, export. */
export type JobLogTailArgs = {
  lines?: Scalars['Int']['input'];
};

/** A page of jobs, the newest first. */
export type JobConnection = {
  __typename?: 'JobConnection';
  /** Nodes with their cursors. */
  edges: Array<JobEdge>;
  /** The nodes alone. */
  nodes: Array<Job>;
  /** Where the page lies. */
  pageInfo: PageInfo;
};

/** A job and its place in the list. */
export type JobEdge = {
  __typename?: 'JobEdge';
  /** Place of the node. */
  cursor: Scalars['Cursor']['output'];
  /** The job. */
  node: Job;
};

/** Why a job did not complete. */
export type JobError = {
  __typename?: 'JobError';
  /** Error code. */
  code: Scalars['String']['output'];
  /** What happened. */
  message: Scalars['String']['output'];
  /** Whether trying again may help. */
  retryable: Scalars['Boolean']['output'];
};

/** What a dry run found the job would write. */
export type JobEstimate = {
  __typename?: 'JobEstimate';
  /** Bytes of data files. */
  bytes?: Maybe<Scalars['Float']['output']>;
  /** Rows in all tables. */
  rows?: Maybe<Scalars['Float']['output']>;
  /** Seconds the dry run took. */
  seconds?: Maybe<Scalars['Float']['output']>;
};

/** One event of jobUpdates. */
export type JobEvent = {
  __typename?: 'JobEvent';
  /** Where to resume: given as `after`, the stream goes on behind this event, whatever it was. */
  cursor: Scalars['Cursor']['output'];
  /** What happened. */
  event: JobPayload;
};

/** A job after a transition, or a word of the stream itself. */
export type JobPayload = Job | StreamGap | StreamHeartbeat;

/** Which layer of the Lambda architecture a value comes from. */
export enum Layer {
  Batch = 'BATCH',
  Speed = 'SPEED'
}

/** Whether a sample is known to be somebody's. */
export enum LinkStatus {
  /** Statements name several people: it is nobody's until that is settled. */
  Ambiguous = 'AMBIGUOUS',
  /** Every statement names the same person. */
  Linked = 'LINKED',
  /** There is no statement. */
  Unlinked = 'UNLINKED'
}

/** Why a lookup gave no single variant. */
export enum LookupError {
  /** The alias names several alleles: see candidates. */
  Ambiguous = 'AMBIGUOUS',
  /** The identifier belongs to another build than the one asked for. */
  AssemblyMismatch = 'ASSEMBLY_MISMATCH',
  /** State assemblyId: the identifier does not tell its build. */
  AssemblyMissing = 'ASSEMBLY_MISSING',
  /** The text is no identifier of the stated kind. */
  InvalidId = 'INVALID_ID',
  /** No call set looked at the position. */
  NotAssayed = 'NOT_ASSAYED',
  /** Some call set looked at the position, none holds this allele. */
  NotFound = 'NOT_FOUND',
  /** The kind of identifier cannot be resolved without the reference sequence; never guessed. */
  UnsupportedId = 'UNSUPPORTED_ID'
}

/** An order for a drug (FHIR MedicationRequest). */
export type MedicationRequest = {
  __typename?: 'MedicationRequest';
  /** When it was written. FHIR date or dateTime as the source gives it: a year stays a year. */
  authoredOn?: Maybe<Scalars['String']['output']>;
  /** The drug: its first coding. */
  code?: Maybe<Coding>;
  /** All codings of the drug. */
  codings: Array<Coding>;
  /** Dosage instructions as text. */
  dosage?: Maybe<Scalars['String']['output']>;
  /** The encounter it was written in. */
  encounterId?: Maybe<Scalars['ID']['output']>;
  /** Id of the record. */
  id: Scalars['ID']['output'];
  /** order, plan, proposal and so on, as the source says. */
  intent: Scalars['String']['output'];
  /** File, line and job. */
  provenance: Provenance;
  /** active, on-hold, cancelled, completed, entered-in-error, stopped, draft or unknown. */
  status: Scalars['String']['output'];
  /** Text of the source, or the display of the first coding. */
  text?: Maybe<Scalars['String']['output']>;
};

/** What a person has said of being watched. A withdrawal under one of their records holds for all of them. */
export type MonitoringConsent = {
  __typename?: 'MonitoringConsent';
  /** Since when. */
  since: Scalars['DateTime']['output'];
  /** What they said last. */
  state: ConsentState;
  /** Grows by one with every change; 0 where it was said under a merged record alone. */
  version: Scalars['Int']['output'];
};

/** What a clinician has laid down for watching one patient; null says nothing. */
export type MonitoringPlan = {
  __typename?: 'MonitoringPlan';
  /** Attests an age of 16 years or more where the birth date is not known. */
  adult?: Maybe<Scalars['Boolean']['output']>;
  /** Whether confusion is not new for this patient. */
  baselineConfusion?: Maybe<Scalars['Boolean']['output']>;
  /** How far care is to go, in words. */
  ceilingOfCare?: Maybe<Scalars['String']['output']>;
  /** Whether the patient is pregnant: NEWS2 does not apply then. */
  pregnancy?: Maybe<Scalars['Boolean']['output']>;
  /** Who prescribed it. */
  prescriber?: Maybe<Scalars['String']['output']>;
  /** Why. */
  reason: Scalars['String']['output'];
  /** 1, or 2 where a clinician has prescribed a target of 88 to 92 % (hypercapnic respiratory failure): then who did stands in prescriber. */
  spo2Scale: Scalars['Int']['output'];
  /** From when it holds: it replaces every plan before it. */
  validFrom: Scalars['DateTime']['output'];
  /** When it ends, not included; null: never. */
  validTo?: Maybe<Scalars['DateTime']['output']>;
  /** Grows by one with every change. */
  version: Scalars['Int']['output'];
};

/** A plan as it is to be; it replaces the one there is, whole. */
export type MonitoringPlanInput = {
  /** Attests an age of 16 years or more where the birth date is not known. */
  adult?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether confusion is not new for this patient. */
  baselineConfusion?: InputMaybe<Scalars['Boolean']['input']>;
  /** How far care is to go, in words. */
  ceilingOfCare?: InputMaybe<Scalars['String']['input']>;
  /** Whether the patient is pregnant: NEWS2 does not apply then. */
  pregnancy?: InputMaybe<Scalars['Boolean']['input']>;
  /** Who prescribed it. */
  prescriber?: InputMaybe<Scalars['String']['input']>;
  /** Why. */
  reason: Scalars['String']['input'];
  /** 1, or 2 where a clinician has prescribed a target of 88 to 92 % (hypercapnic respiratory failure): then who did stands in prescriber. */
  spo2Scale: Scalars['Int']['input'];
  /** From when it holds: it replaces every plan before it. */
  validFrom: Scalars['DateTime']['input'];
  /** When it ends, not included; null: never. */
  validTo?: InputMaybe<Scalars['DateTime']['input']>;
};

export type Mutation = {
  __typename?: 'Mutation';
  /** Takes an alert on: it stops calling while its condition is present. Acknowledged is not resolved. */
  acknowledgeAlert: Alert;
  /** Says what somebody who looked thinks of an alert. */
  assessAlert: Alert;
  /** Replays the accepted readings of a period through a rule, stored or only given, and through the one in force. The job's `backtest` says what both would have raised; nothing is written, nobody is called. */
  backtestRule: Job;
  /** Cancels a job: it publishes nothing. Cancelling a job that has ended changes nothing. */
  cancelJob: Job;
  /** Writes every variant that matches a filter as one file, a row per allele and call set, in the order of `variants`. The job's exportUrl names the file once the job is complete. */
  exportVariants: Job;
  /** Ingests one release of a source: ClinVar (VCF or table), gene tables, genes with diseases. It takes the place of other versions of the source in the next snapshot; the same bytes and version again add nothing. */
  ingestAnnotations: Job;
  /** Ingests records about people: FHIR R4 (NDJSON or a Bundle: Patient, Specimen, Condition, MedicationRequest, Encounter, Consent, Observation), or a tab-separated table with one person a line; each file tells which. A record given again is a duplicate, one with a later meta.lastUpdated takes the place of the one before, and one that contradicts is put into quarantine. */
  ingestClinical: Job;
  /** Ingests VCF files as one job. The same idempotency key answers the same job. */
  ingestVariants: Job;
  /** Takes a call set out of the next snapshot. Pages that are pinned to older snapshots still see it. */
  removeCallSet: Job;
  /** Ends an alert by hand. Silence never ends one. */
  resolveAlert: Alert;
  /** Submits a failed or cancelled job again, as a new job. */
  retryJob: Job;
  /** Takes back what a job published: what it added leaves the next snapshot, what it took away returns. Pages that are pinned to older snapshots still see it. */
  revertRun: Job;
  /** Moves a rule on: DRAFT to SHADOW to ACTIVE, back to SHADOW, and from each to RETIRED, which may be tried again. */
  setAlertRuleStatus: AlertRule;
  /** Keeps what a person says of being watched. A withdrawal ends their alerts; consent given anew holds for all their records. */
  setMonitoringConsent: MonitoringConsent;
  /** Lays down how a patient is watched. SpO2 scale 2 needs a prescriber; every plan needs a reason. */
  setMonitoringPlan: MonitoringPlan;
  /** Describes a source of readings. */
  setSource: ReadingSource;
  /** Silences an alert until a time, which its priority bounds. Worsening ends the silence. Give until or duration. */
  snoozeAlert: Alert;
  /** Submits a job over the store. annotate-variants writes the join of variants, genes and clinical statements as the table variant_annotations, for SQL and exports; answers of the API need no job to see new annotations. clean-up removes what no readable snapshot names. compact-log brings what the log took since the last time into tables, as the worker does by itself. */
  submitBatchJob: Job;
  /** Takes readings, one JSON object a line, our short form or FHIR R4 Observations; or messages of HL7 version 2, results and movements. Answers once they are durable; the ledger follows. More than a request may hold goes to POST /observations. */
  submitObservations: Submission;
  /** Ends the silence of an alert. */
  unsnoozeAlert: Alert;
  /** Writes a rule. A new one is tried first (SHADOW): it calls nobody until its status is set. The next version of one in force is in force at once; to try other limits, write a rule of another id. */
  upsertAlertRule: AlertRule;
  /** Keeps a cohort under a name, or changes the one there is. */
  upsertCohort: Cohort;
};


export type MutationAcknowledgeAlertArgs = {
  expectedVersion: Scalars['Int']['input'];
  id: Scalars['ID']['input'];
  idempotencyKey: Scalars['String']['input'];
  note?: InputMaybe<Scalars['String']['input']>;
};


export type MutationAssessAlertArgs = {
  assessment: AlertAssessment;
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  id: Scalars['ID']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};


export type MutationBacktestRuleArgs = {
  against?: InputMaybe<Scalars['ID']['input']>;
  id: Scalars['ID']['input'];
  idempotencyKey: Scalars['String']['input'];
  input?: InputMaybe<AlertRuleInput>;
  patientIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  period: PeriodInput;
  tolerance?: Scalars['Duration']['input'];
  version?: InputMaybe<Scalars['Int']['input']>;
};


export type MutationCancelJobArgs = {
  id: Scalars['ID']['input'];
};


export type MutationExportVariantsArgs = {
  fields?: InputMaybe<Array<Scalars['String']['input']>>;
  filter: VariantFilter;
  format: ExportFormat;
  idempotencyKey: Scalars['String']['input'];
  snapshotId?: InputMaybe<Scalars['ID']['input']>;
};


export type MutationIngestAnnotationsArgs = {
  assemblyId?: InputMaybe<ReferenceGenome>;
  idempotencyKey: Scalars['String']['input'];
  releasedAt?: InputMaybe<Scalars['DateTime']['input']>;
  source: Scalars['String']['input'];
  uris: Array<Scalars['String']['input']>;
  version: Scalars['String']['input'];
};


export type MutationIngestClinicalArgs = {
  idempotencyKey: Scalars['String']['input'];
  sampleSystems?: InputMaybe<Array<Scalars['String']['input']>>;
  subjectSystem?: InputMaybe<Scalars['String']['input']>;
  uris: Array<Scalars['String']['input']>;
};


export type MutationIngestVariantsArgs = {
  input: VariantIngestInput;
};


export type MutationRemoveCallSetArgs = {
  id: Scalars['ID']['input'];
  reason: Scalars['String']['input'];
};


export type MutationResolveAlertArgs = {
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  id: Scalars['ID']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  reason: Scalars['String']['input'];
};


export type MutationRetryJobArgs = {
  id: Scalars['ID']['input'];
};


export type MutationRevertRunArgs = {
  jobId: Scalars['ID']['input'];
  reason: Scalars['String']['input'];
};


export type MutationSetAlertRuleStatusArgs = {
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  id: Scalars['ID']['input'];
  reason: Scalars['String']['input'];
  status: RuleStatus;
};


export type MutationSetMonitoringConsentArgs = {
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  patientId: Scalars['ID']['input'];
  reason: Scalars['String']['input'];
  state: ConsentState;
};


export type MutationSetMonitoringPlanArgs = {
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  patientId: Scalars['ID']['input'];
  plan: MonitoringPlanInput;
};


export type MutationSetSourceArgs = {
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  id: Scalars['ID']['input'];
  kind: SourceKind;
  reason: Scalars['String']['input'];
  staleAfter?: InputMaybe<Scalars['Duration']['input']>;
  topic?: InputMaybe<Scalars['String']['input']>;
  zone?: InputMaybe<Scalars['String']['input']>;
};


export type MutationSnoozeAlertArgs = {
  duration?: InputMaybe<Scalars['String']['input']>;
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  id: Scalars['ID']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  reason: Scalars['String']['input'];
  until?: InputMaybe<Scalars['DateTime']['input']>;
};


export type MutationSubmitBatchJobArgs = {
  input: BatchJobInput;
};


export type MutationSubmitObservationsArgs = {
  hl7?: InputMaybe<Scalars['String']['input']>;
  idempotencyKey: Scalars['String']['input'];
  ndjson?: InputMaybe<Scalars['String']['input']>;
  simulated?: Scalars['Boolean']['input'];
  source: Scalars['String']['input'];
};


export type MutationUnsnoozeAlertArgs = {
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  id: Scalars['ID']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};


export type MutationUpsertAlertRuleArgs = {
  draft?: Scalars['Boolean']['input'];
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  id: Scalars['ID']['input'];
  input: AlertRuleInput;
};


export type MutationUpsertCohortArgs = {
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  id: Scalars['ID']['input'];
  input: CohortInput;
};

/** National Early Warning Score 2 (Royal College of Physicians, 2017) of the last readings that count: an hour, or as long as their source says. Not for under 16, not in pregnancy. Decision support, no substitute for looking at the patient. */
export type News2 = {
  __typename?: 'News2';
  /** The time it is of. */
  at: Scalars['DateTime']['output'];
  /** none, low, low-medium, medium or high, of the total, else of the lower bound: then it is at least that; unknown, or not-applicable. */
  band: Scalars['String']['output'];
  /** The points of what is known: the score is at least that. Null where nothing is, or it does not apply. */
  lowerBound?: Maybe<Scalars['Int']['output']>;
  /** Parameters without a reading that counts. Missing is never normal. */
  missing: Array<Scalars['String']['output']>;
  /** Why it does not apply: AGE_UNKNOWN, UNDER_16 or PREGNANT; null where it does. */
  notApplicable?: Maybe<Scalars['String']['output']>;
  /** What each known parameter scores. */
  parameters: Array<News2Parameter>;
  /** The readings it rests on. */
  readings: Array<Observation>;
  /** Parameters that score 3 alone. */
  redParameters: Array<Scalars['String']['output']>;
  /** Scale of SpO2: 2 only where a plan in force prescribes it. */
  scale: Scalars['Int']['output'];
  /** The score; null unless all seven parameters are known. */
  total?: Maybe<Scalars['Int']['output']>;
};

/** What one parameter of NEWS2 scores. */
export type News2Parameter = {
  __typename?: 'News2Parameter';
  /** respiration, spo2, oxygen, systolic, pulse, consciousness or temperature. */
  name: Scalars['String']['output'];
  /** Its points, 0 to 3. */
  points: Scalars['Int']['output'];
  /** As it was banded: rounded where the chart rounds; AIR or OXYGEN; a letter of ACVPU. */
  value: Scalars['String']['output'];
};

/** Something measured or stated of a person (FHIR Observation): a record of a snapshot, or a live reading. A live reading is in the unit its code is kept in; a record is as its file has it. */
export type Observation = {
  __typename?: 'Observation';
  /** Codes of its categories, such as vital-signs or laboratory. */
  category: Array<Scalars['String']['output']>;
  /** What was measured: its first coding. */
  code?: Maybe<Coding>;
  /** All codings. */
  codings: Array<Coding>;
  /** Parts of a panel; empty for a single value. */
  component: Array<ObservationComponent>;
  /** FHIR data-absent-reason: why there is no value; error where what is there cannot be true. */
  dataAbsentReason?: Maybe<Scalars['String']['output']>;
  /** Device of a live reading. */
  device?: Maybe<Scalars['ID']['output']>;
  /** When it was so, or began to be. FHIR date or dateTime as the source gives it: a year stays a year. */
  effectiveDateTime?: Maybe<Scalars['String']['output']>;
  /** When it ended. FHIR date or dateTime as the source gives it: a year stays a year. */
  effectiveEnd?: Maybe<Scalars['String']['output']>;
  /** The encounter it was made in. */
  encounterId?: Maybe<Scalars['ID']['output']>;
  /** What the service found about a live reading. */
  flags: Array<ReadingFlag>;
  /** Which layer it is from. A live reading may still be corrected. */
  freshness: Freshness;
  /** Id of the record, or of the event of a live reading. */
  id: Scalars['ID']['output'];
  /** When it was made available. FHIR date or dateTime as the source gives it: a year stays a year. */
  issued?: Maybe<Scalars['String']['output']>;
  /** It came after its windows were final: it is kept, and is in none of them. */
  late: Scalars['Boolean']['output'];
  /** The code as a live reading came, where it is another of its group. */
  originalCode?: Maybe<Scalars['String']['output']>;
  /** The amount as a live reading came, before it was converted. */
  originalQuantity?: Maybe<Quantity>;
  /** The record it came under: the person's own, or one that was merged into it. */
  patientId: Scalars['ID']['output'];
  /** File, line and job; null for a live reading. */
  provenance?: Maybe<Provenance>;
  /** What its source says about the quality of a live reading. */
  quality: Array<Scalars['String']['output']>;
  /** When a live reading was received. */
  receivedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Id of the observation this one corrects. */
  replaces?: Maybe<Scalars['ID']['output']>;
  /** How often it was corrected since it came; a whole number. */
  revision: Scalars['Float']['output'];
  /** Made up, or replayed from a recording. */
  simulated: Scalars['Boolean']['output'];
  /** Source of a live reading. */
  source?: Maybe<Scalars['String']['output']>;
  /** final, amended, preliminary, corrected, entered-in-error and so on; unknown for a cell of a table. */
  status: Scalars['String']['output'];
  /** A coded value. */
  valueCodeableConcept?: Maybe<Coding>;
  /** The amount. */
  valueQuantity?: Maybe<Quantity>;
  /** A value as text; with dataAbsentReason error, what the source holds instead of a value. */
  valueString?: Maybe<Scalars['String']['output']>;
};

/** One part of a panel, such as the systolic pressure. */
export type ObservationComponent = {
  __typename?: 'ObservationComponent';
  /** What was measured. */
  code?: Maybe<Coding>;
  /** FHIR data-absent-reason. */
  dataAbsentReason?: Maybe<Scalars['String']['output']>;
  /** A coded value. */
  valueCodeableConcept?: Maybe<Coding>;
  /** The amount. */
  valueQuantity?: Maybe<Quantity>;
  /** A value as text. */
  valueString?: Maybe<Scalars['String']['output']>;
};

/** A page of observations, the newest first. */
export type ObservationConnection = {
  __typename?: 'ObservationConnection';
  /** Nodes with their cursors. */
  edges: Array<ObservationEdge>;
  /** The nodes alone. */
  nodes: Array<Observation>;
  /** Where the page lies. */
  pageInfo: PageInfo;
};

/** One observation meets all of these. One entered in error or cancelled never does. */
export type ObservationCriterion = {
  /** What was measured. */
  code: CodingInput;
  /** When it was so. */
  effective?: InputMaybe<DateRangeInput>;
  /** Bounds on the value, in the unit of the record. */
  value?: InputMaybe<RangeInput>;
};

/** An observation and its place in the list. */
export type ObservationEdge = {
  __typename?: 'ObservationEdge';
  /** Place of the node. */
  cursor: Scalars['Cursor']['output'];
  /** The observation. */
  node: Observation;
};

/** Where every reading went: read = accepted + rejected + duplicates. Counted in readings: a panel is as many as it has components, a record nothing can be read from is one. */
export type ObservationLedger = {
  __typename?: 'ObservationLedger';
  /** Readings that are served, shown in windows and looked at for alerts. */
  accepted: Scalars['Float']['output'];
  /** Whether the sum holds. */
  balanced: Scalars['Boolean']['output'];
  /** Came before, with the same content. */
  duplicates: Scalars['Float']['output'];
  /** Came too late to change a window that was final; a part of accepted. */
  late: Scalars['Float']['output'];
  /** Readings that were looked at. */
  read: Scalars['Float']['output'];
  /** Break a rule, by rule: see rejectedObservations. */
  rejected: Array<RuleCount>;
};

/** Where a page lies in its list (Relay), and which snapshot the whole list is pinned to. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** Cursor of the last node: give it as `after` for the next page. */
  endCursor?: Maybe<Scalars['Cursor']['output']>;
  /** Whether more nodes follow. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether the page began after a cursor. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** The snapshot every page of this list is read from, whatever is published meanwhile. */
  snapshotId: Scalars['ID']['output'];
  /** Cursor of the first node, or null on an empty page. */
  startCursor?: Maybe<Scalars['Cursor']['output']>;
};

/** A person (FHIR Patient) with what is on record of them, in one snapshot. */
export type Patient = {
  __typename?: 'Patient';
  /** Whether the record is in use; null where not said. */
  active?: Maybe<Scalars['Boolean']['output']>;
  /** Alerts about the person, the newest first, as they stand now. */
  alerts: AlertConnection;
  /** FHIR date: a year stays a year. */
  birthDate?: Maybe<Scalars['String']['output']>;
  /** FHIR data-absent-reason where there is no birth date; error where the source holds a broken value. */
  birthDateAbsentReason?: Maybe<Scalars['String']['output']>;
  /** Conditions on record. */
  conditions: Array<Condition>;
  /** Consents on record. */
  consents: Array<Consent>;
  /** Whether the person has died; null where not said. */
  deceased?: Maybe<Scalars['Boolean']['output']>;
  /** FHIR dateTime of death, as the source gives it. */
  deceasedDateTime?: Maybe<Scalars['String']['output']>;
  /** Contacts with care. */
  encounters: Array<Encounter>;
  /** Administrative gender: male, female, other or unknown; null where the source does not say. */
  gender?: Maybe<Scalars['String']['output']>;
  /** Id of the Patient record, or the subject id of a table. */
  id: Scalars['ID']['output'];
  /** Business identifiers. */
  identifiers: Array<Identifier>;
  /** The newest observations of each code, by code, the newest first (FHIR $lastn). */
  lastN: Array<Observation>;
  /** Other records of the person: what was merged into this one, and what it was merged into. */
  links: Array<PatientLink>;
  /** Drugs that were ordered, whatever became of the order. */
  medications: Array<MedicationRequest>;
  /** What they said of being watched; null: nothing, and they are watched. */
  monitoringConsent?: Maybe<MonitoringConsent>;
  /** The plan in force. */
  monitoringPlan?: Maybe<MonitoringPlan>;
  /** NEWS2 of the last readings. */
  news2: News2;
  /** What was observed, the newest first: records of the snapshot and live readings as one list. */
  observations: ObservationConnection;
  /** Every sample that a statement gives to this person, also those that others claim. */
  sampleLinks: Array<SampleLink>;
  /** Samples that are this person's and nobody else's, sorted. */
  samples: Array<Scalars['ID']['output']>;
  /** Whether the source labels the record as simulated or test data. */
  simulated: Scalars['Boolean']['output'];
  /** Variants that a sample of this person's alone carries, in the snapshot the person is read from. Carrying a variant is not having a disease. */
  variants: VariantConnection;
  /** Windows over the readings of one code: tumbling, or moving when the slide is shorter than the window. Every window that overlaps the range is whole, also where it reaches beyond. */
  vitals: VitalSeries;
};


/** A person (FHIR Patient) with what is on record of them, in one snapshot. */
export type PatientAlertsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  first?: Scalars['Int']['input'];
  includeShadow?: Scalars['Boolean']['input'];
  presence?: InputMaybe<Array<AlertPresence>>;
};


/** A person (FHIR Patient) with what is on record of them, in one snapshot. */
export type PatientConditionsArgs = {
  includeRefuted?: Scalars['Boolean']['input'];
};


/** A person (FHIR Patient) with what is on record of them, in one snapshot. */
export type PatientLastNArgs = {
  code?: InputMaybe<Array<CodingInput>>;
  max?: Scalars['Int']['input'];
};


/** A person (FHIR Patient) with what is on record of them, in one snapshot. */
export type PatientMedicationsArgs = {
  includeErrors?: Scalars['Boolean']['input'];
};


/** A person (FHIR Patient) with what is on record of them, in one snapshot. */
export type PatientMonitoringPlanArgs = {
  at?: InputMaybe<Scalars['DateTime']['input']>;
};


/** A person (FHIR Patient) with what is on record of them, in one snapshot. */
export type PatientNews2Args = {
  at?: InputMaybe<Scalars['DateTime']['input']>;
};


/** A person (FHIR Patient) with what is on record of them, in one snapshot. */
export type PatientObservationsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  code?: InputMaybe<Array<CodingInput>>;
  effective?: InputMaybe<DateRangeInput>;
  first?: Scalars['Int']['input'];
  includeErrors?: Scalars['Boolean']['input'];
  period?: InputMaybe<TimeRangeInput>;
};


/** A person (FHIR Patient) with what is on record of them, in one snapshot. */
export type PatientVariantsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  filter?: InputMaybe<VariantFilter>;
  first?: Scalars['Int']['input'];
  orderBy?: VariantOrder;
};


/** A person (FHIR Patient) with what is on record of them, in one snapshot. */
export type PatientVitalsArgs = {
  code: CodingInput;
  effective: TimeRangeInput;
  slide?: InputMaybe<Scalars['String']['input']>;
  window?: Scalars['String']['input'];
};

/** A page of patients by id, pinned to one snapshot. */
export type PatientConnection = {
  __typename?: 'PatientConnection';
  /** Number of all matches, whatever the page. */
  count?: Maybe<CountResult>;
  /** Nodes with their cursors. */
  edges: Array<PatientEdge>;
  /** How fresh the list is. */
  freshness: Freshness;
  /** The nodes alone. */
  nodes: Array<Patient>;
  /** Where the page lies. */
  pageInfo: PageInfo;
};


/** A page of patients by id, pinned to one snapshot. */
export type PatientConnectionCountArgs = {
  mode?: CountMode;
};

/** A patient and their place in the list. */
export type PatientEdge = {
  __typename?: 'PatientEdge';
  /** Place of the node. */
  cursor: Scalars['Cursor']['output'];
  /** The patient. */
  node: Patient;
};

/** Another record of a person (FHIR Patient.link). */
export type PatientLink = {
  __typename?: 'PatientLink';
  /** Somebody doubts it: then nothing is read across it. */
  disputed: Scalars['Boolean']['output'];
  /** Id of the other record. */
  other: Scalars['ID']['output'];
  /** Since when. */
  since: Scalars['DateTime']['output'];
  /** replaces: it was merged into this one; replaced-by: this one was merged into it. */
  type: Scalars['String']['output'];
};

/** A stretch of time, half open. */
export type PeriodInput = {
  /** From when, included. */
  from: Scalars['DateTime']['input'];
  /** Until when, not included. */
  to: Scalars['DateTime']['input'];
};

/** Where a value comes from, down to the line of the file. */
export type Provenance = {
  __typename?: 'Provenance';
  /** The job that ingested the record. */
  ingestRunId: Scalars['ID']['output'];
  /** Transformations applied: SPLIT, TRIMMED or LEFT_ALIGNED. TRIMMED means no reference was at hand to left-align. */
  rules: Array<Scalars['String']['output']>;
  /** The snapshot it was read from. */
  snapshotId: Scalars['ID']['output'];
  /** Name of the file as it was uploaded. */
  sourceFile?: Maybe<Scalars['String']['output']>;
  /** Line in the decompressed file, from 1. */
  sourceLine?: Maybe<Scalars['Int']['output']>;
};

/** A measured amount (FHIR Quantity). */
export type Quantity = {
  __typename?: 'Quantity';
  /** Code of the unit, UCUM where system says so. */
  code?: Maybe<Scalars['String']['output']>;
  /** <, <=, >= or >: the value is a bound. */
  comparator?: Maybe<Scalars['String']['output']>;
  /** System of the unit's code. */
  system?: Maybe<Scalars['String']['output']>;
  /** Unit as text; null where the source states none. */
  unit?: Maybe<Scalars['String']['output']>;
  /** The number; null where it is absent, with a reason beside it. */
  value?: Maybe<Scalars['Float']['output']>;
};

/** A record that breaks a rule, kept whole in quarantine. */
export type QuarantinedRecord = {
  __typename?: 'QuarantinedRecord';
  /** What the rule expects. */
  expected: Scalars['String']['output'];
  /** Field with the fault. */
  field: Scalars['String']['output'];
  /** Line in the decompressed file, from 1. */
  line: Scalars['Int']['output'];
  /** Place in the file, such as line 12. */
  position: Scalars['String']['output'];
  /** The record's text; may be personal data. */
  raw?: Maybe<Scalars['String']['output']>;
  /** Rule, field, what was found and what was expected. */
  reason: Scalars['String']['output'];
  /** Name of the broken rule. */
  rule: Scalars['String']['output'];
  /** Name of the file. */
  source: Scalars['String']['output'];
};

export type Query = {
  __typename?: 'Query';
  /** One alert, or null. */
  alert?: Maybe<Alert>;
  /** Every rule in its newest version, by id. */
  alertRules: Array<AlertRule>;
  /** Alerts, the newest first, as they stand now. */
  alerts: AlertConnection;
  /** Every call set of the newest snapshot. */
  callSets: Array<CallSet>;
  /** One cohort; NOT_FOUND where there is none. */
  cohort: Cohort;
  /** Every cohort, by id. */
  cohorts: Array<Cohort>;
  /** Variants whose REF overlaps a gene, by its id or its symbol; otherwise as `variants`. */
  geneVariants: VariantConnection;
  /** One job, or null. */
  job?: Maybe<Job>;
  /** Jobs, the newest first. */
  jobs: JobConnection;
  /** Where the readings of each source went, by the name of the source. */
  observationLedgers: Array<SourceLedger>;
  /** What was observed, the newest first: records of the snapshot and live readings as one list. NOT_FOUND for somebody nothing is known of. */
  observations: ObservationConnection;
  /** One person, or null. A record that was merged into another answers as that one: see links. */
  patient?: Maybe<Patient>;
  /** People who meet every criterion, by id, pinned to one snapshot; everybody without a criterion. */
  patients: PatientConnection;
  /** Everything that was ever said of an entry, by whom, when and why, the newest first. */
  registryHistory: Array<RegistryChange>;
  /** Readings that broke a rule, the newest first. */
  rejectedObservations: RejectedObservationConnection;
  /** What answers, and from which data. */
  serviceInfo: ServiceInfo;
  /** Sources of readings that somebody has described, by name. */
  sources: Array<ReadingSource>;
  /** A submission as it stands. */
  submission: Submission;
  /** Looks one identifier up. An alias that names several alleles answers AMBIGUOUS with candidates. */
  variant: VariantLookup;
  /** Variants that match a filter, pinned to one snapshot: pages neither skip nor repeat while data are published. */
  variants: VariantConnection;
  /** Looks many identifiers up: one outcome each, in the order given. */
  variantsByIds: Array<VariantLookup>;
};


export type QueryAlertArgs = {
  id: Scalars['ID']['input'];
};


export type QueryAlertRulesArgs = {
  status?: InputMaybe<Array<RuleStatus>>;
};


export type QueryAlertsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  code?: InputMaybe<Array<CodingInput>>;
  cohortId?: InputMaybe<Scalars['ID']['input']>;
  first?: Scalars['Int']['input'];
  includeShadow?: Scalars['Boolean']['input'];
  kinds?: InputMaybe<Array<AlertKind>>;
  patientIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  presence?: InputMaybe<Array<AlertPresence>>;
  priority?: InputMaybe<Array<AlertPriority>>;
};


export type QueryCohortArgs = {
  id: Scalars['ID']['input'];
};


export type QueryGeneVariantsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  filter?: InputMaybe<VariantFilter>;
  first?: Scalars['Int']['input'];
  geneId?: InputMaybe<Scalars['String']['input']>;
  symbol?: InputMaybe<Scalars['String']['input']>;
};


export type QueryJobArgs = {
  id: Scalars['ID']['input'];
};


export type QueryJobsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  first?: Scalars['Int']['input'];
  kind?: InputMaybe<Scalars['String']['input']>;
  state?: InputMaybe<Array<RunState>>;
  submittedBy?: InputMaybe<Scalars['String']['input']>;
};


export type QueryObservationsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  code?: InputMaybe<Array<CodingInput>>;
  effective?: InputMaybe<DateRangeInput>;
  first?: Scalars['Int']['input'];
  includeErrors?: Scalars['Boolean']['input'];
  patientId: Scalars['ID']['input'];
  period?: InputMaybe<TimeRangeInput>;
};


export type QueryPatientArgs = {
  id: Scalars['ID']['input'];
};


export type QueryPatientsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  filter?: InputMaybe<Array<CohortCriterion>>;
  first?: Scalars['Int']['input'];
  snapshotId?: InputMaybe<Scalars['ID']['input']>;
};


export type QueryRegistryHistoryArgs = {
  id: Scalars['ID']['input'];
  kind: RegistryKind;
};


export type QueryRejectedObservationsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  first?: Scalars['Int']['input'];
  source?: InputMaybe<Scalars['String']['input']>;
  submissionId?: InputMaybe<Scalars['ID']['input']>;
};


export type QuerySubmissionArgs = {
  cursor: Scalars['Cursor']['input'];
};


export type QueryVariantArgs = {
  id: VariantIdInput;
};


export type QueryVariantsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  filter: VariantFilter;
  first?: Scalars['Int']['input'];
  orderBy?: VariantOrder;
  snapshotId?: InputMaybe<Scalars['ID']['input']>;
};


export type QueryVariantsByIdsArgs = {
  ids: Array<VariantIdInput>;
};

/** Bounds on a number; all given bounds hold. */
export type RangeInput = {
  /** Greater than. */
  gt?: InputMaybe<Scalars['Float']['input']>;
  /** At least. */
  gte?: InputMaybe<Scalars['Float']['input']>;
  /** Whether a missing value matches. Without it a missing value is unknown: neither the filter nor its `not` matches. */
  includeMissing?: InputMaybe<Scalars['Boolean']['input']>;
  /** Less than. */
  lt?: InputMaybe<Scalars['Float']['input']>;
  /** At most. */
  lte?: InputMaybe<Scalars['Float']['input']>;
};

/** What the service found about a reading. It is kept, whatever that is. */
export enum ReadingFlag {
  /** Its device's clock is ahead: the time is that of its receipt. */
  ClockFast = 'CLOCK_FAST',
  /** Its device's clock is behind: the time is that of its receipt. */
  ClockSlow = 'CLOCK_SLOW',
  /** Another reading with the same name says something else. In no mean. */
  Conflict = 'CONFLICT',
  /** Possible, and so far out that patient and sensor want looking at. In no mean. */
  Extreme = 'EXTREME',
  /** Its source gives no value. */
  NoValue = 'NO_VALUE'
}

/** A source of readings, as somebody has described it. */
export type ReadingSource = {
  __typename?: 'ReadingSource';
  /** Its name. */
  id: Scalars['ID']['output'];
  /** How its readings come. */
  kind: SourceKind;
  /** Readings older than this say nothing any more. */
  staleAfter: Scalars['Duration']['output'];
  /** Where its producers write by themselves, a record of the short form or a FHIR Observation each: a topic of the same Kafka cluster, or foreign/<topic>.ndjson in the folder of an embedded service. Read from its start; null: readings are handed in. */
  topic?: Maybe<Scalars['String']['output']>;
  /** Grows by one with every change. */
  version: Scalars['Int']['output'];
  /** IANA zone of times without an offset; null: such times are refused. */
  zone?: Maybe<Scalars['String']['output']>;
};

/** Human reference build. A question always names one; coordinates are never lifted over silently. */
export enum ReferenceGenome {
  GrCh37 = 'GRCh37',
  GrCh38 = 'GRCh38'
}

/** One version of an entry of the registry. */
export type RegistryChange = {
  __typename?: 'RegistryChange';
  /** When. */
  at: Scalars['DateTime']['output'];
  /** Who changed it. */
  by: Scalars['String']['output'];
  /** Why. */
  reason?: Maybe<Scalars['String']['output']>;
  /** The entry; null where it was withdrawn. Durations and times are in milliseconds. */
  value?: Maybe<Scalars['JSON']['output']>;
  /** Grows by one with every change. */
  version: Scalars['Int']['output'];
};

/** What an entry of the registry is about. */
export enum RegistryKind {
  /** A rule. */
  AlertRule = 'ALERT_RULE',
  /** People who meet criteria. */
  Cohort = 'COHORT',
  /** What a person allows. */
  Consent = 'CONSENT',
  /** A record that was merged into another. */
  Link = 'LINK',
  /** The plan of a patient; its id is theirs. */
  MonitoringPlan = 'MONITORING_PLAN',
  /** A person. */
  Patient = 'PATIENT',
  /** A source of readings. */
  Source = 'SOURCE',
  /** Where a person is. */
  Stay = 'STAY'
}

/** A record, or a reading of it, that broke a rule. */
export type RejectedObservation = {
  __typename?: 'RejectedObservation';
  /** What the rule expects. */
  expected: Scalars['String']['output'];
  /** Field with the fault. */
  field: Scalars['String']['output'];
  /** What was there. */
  found: Scalars['String']['output'];
  /** Line in that submission, from 1. */
  line?: Maybe<Scalars['Int']['output']>;
  /** The record as it was received; may be personal data, and is null for whoever may not see it. */
  raw?: Maybe<Scalars['String']['output']>;
  /** When it was rejected. */
  rejectedAt: Scalars['DateTime']['output'];
  /** The same place in the log has the same. */
  rejectionId: Scalars['ID']['output'];
  /** Name of the rule. */
  rule: Scalars['String']['output'];
  /** Name of its source. */
  source: Scalars['String']['output'];
  /** The submission it came with; null where its source writes itself. */
  submissionId?: Maybe<Scalars['ID']['output']>;
};

/** A page of rejections, the newest first. Where few of many match it may be shorter than asked, or empty, and yet have a next. */
export type RejectedObservationConnection = {
  __typename?: 'RejectedObservationConnection';
  /** Nodes with their cursors. */
  edges: Array<RejectedObservationEdge>;
  /** The nodes alone. */
  nodes: Array<RejectedObservation>;
  /** Where the page lies. */
  pageInfo: PageInfo;
};

/** A rejection and its place in the list. */
export type RejectedObservationEdge = {
  __typename?: 'RejectedObservationEdge';
  /** Place of the node. */
  cursor: Scalars['Cursor']['output'];
  /** The rejection. */
  node: RejectedObservation;
};

/** How often one rule applied. */
export type RuleCount = {
  __typename?: 'RuleCount';
  /** How often; a whole number. */
  count: Scalars['Float']['output'];
  /** The rule. */
  rule: Scalars['String']['output'];
};

/** For whom a rule is; null says nothing. Who is not known to be inside is outside. */
export type RuleScope = {
  __typename?: 'RuleScope';
  /** Up to this age, in whole years. */
  ageMax?: Maybe<Scalars['Int']['output']>;
  /** From this age, in whole years. */
  ageMin?: Maybe<Scalars['Int']['output']>;
  /** This person alone. */
  patientId?: Maybe<Scalars['ID']['output']>;
};

/** For whom a rule is; null says nothing. Who is not known to be inside is outside. */
export type RuleScopeInput = {
  /** Up to this age, in whole years. */
  ageMax?: InputMaybe<Scalars['Int']['input']>;
  /** From this age, in whole years. */
  ageMin?: InputMaybe<Scalars['Int']['input']>;
  /** This person alone. */
  patientId?: InputMaybe<Scalars['ID']['input']>;
};

/** Whether a rule calls anybody. */
export enum RuleStatus {
  /** It is in force. */
  Active = 'ACTIVE',
  /** It is not looked at. */
  Draft = 'DRAFT',
  /** It is over. */
  Retired = 'RETIRED',
  /** It is being tried: its alerts are recorded, nobody is called. */
  Shadow = 'SHADOW'
}

/** One condition of a COMBINATION. */
export type RuleTerm = {
  __typename?: 'RuleTerm';
  /** What is measured. */
  code: Coding;
  /** When it holds. */
  limit: ThresholdSpec;
};

/** One condition of a COMBINATION. */
export type RuleTermInput = {
  /** What is measured. */
  code: CodingInput;
  /** When it holds. */
  limit: ThresholdInput;
};

/** State of a job (GA4GH WES). COMPLETE, EXECUTOR_ERROR, SYSTEM_ERROR and CANCELED are final. */
export enum RunState {
  Canceled = 'CANCELED',
  Canceling = 'CANCELING',
  Complete = 'COMPLETE',
  ExecutorError = 'EXECUTOR_ERROR',
  Initializing = 'INITIALIZING',
  Paused = 'PAUSED',
  Preempted = 'PREEMPTED',
  Queued = 'QUEUED',
  Running = 'RUNNING',
  SystemError = 'SYSTEM_ERROR'
}

/** Something to know before trusting a sample's genotypes. */
export type SampleFlag = {
  __typename?: 'SampleFlag';
  /** What was seen. */
  detail: Scalars['String']['output'];
  /** sexPloidyMismatch or multiAncestry. */
  flag: Scalars['String']['output'];
  /** The sample. */
  sampleId: Scalars['ID']['output'];
};

/** Whose a sample is. Ambiguity is an answer: nothing is guessed from names. */
export type SampleLink = {
  __typename?: 'SampleLink';
  /** Call sets the sample is in, sorted. */
  callSetIds: Array<Scalars['ID']['output']>;
  /** Everybody a statement names, as far as they are on record. */
  patients: Array<Patient>;
  /** Name of the sample in its files. */
  sampleId: Scalars['ID']['output'];
  /** Whether the sheets' sex differs from the gender of the one person it is linked to: a sign of a swap. Null where either is not known. */
  sexMismatch?: Maybe<Scalars['Boolean']['output']>;
  /** Sex in the sample sheets: female or male; null where no sheet says, or sheets differ. */
  sheetSex?: Maybe<Scalars['String']['output']>;
  /** Every statement there is. */
  statements: Array<SampleStatement>;
  /** What all statements come to. */
  status: LinkStatus;
};

/** One statement that a sample is a person's. */
export type SampleStatement = {
  __typename?: 'SampleStatement';
  /** The person it names. */
  patientId: Scalars['ID']['output'];
  /** Where it is stated, such as Patient.identifier or a column. */
  statedBy: Scalars['String']['output'];
  /** System of the identifier that names the sample. */
  system: Scalars['String']['output'];
};

/** What answers, and from which data. Research and decision support only: not a medical device. */
export type ServiceInfo = {
  __typename?: 'ServiceInfo';
  /** Knowledge the answers use, with versions; empty while none is loaded. */
  annotationSources: Array<AnnotationSource>;
  /** Version of the service. */
  apiVersion: Scalars['String']['output'];
  /** What the answers may be used for. */
  intendedUse: Scalars['String']['output'];
  /** embedded or cluster. */
  profile: Scalars['String']['output'];
  /** Hash of the schema. */
  schemaHash: Scalars['String']['output'];
  /** The newest snapshot; 0 while the store is empty. */
  snapshotId: Scalars['ID']['output'];
};

/** How readings of a source come. */
export enum SourceKind {
  /** All the time. */
  Bedside = 'BEDSIDE',
  /** When a sample was looked at. */
  Laboratory = 'LABORATORY',
  /** When somebody looks in. */
  SpotCheck = 'SPOT_CHECK'
}

/** Where the readings of one source went. */
export type SourceLedger = {
  __typename?: 'SourceLedger';
  /** When readings of the source were last counted. */
  lastCountedAt: Scalars['DateTime']['output'];
  /** Everything counted since then. */
  ledger: ObservationLedger;
  /** When the first readings in it were counted: older counts have left the log. */
  since: Scalars['DateTime']['output'];
  /** Name of the source. */
  source: Scalars['ID']['output'];
};

/** Events that could not be delivered: announced in their place, never passed over in silence. */
export type StreamGap = {
  __typename?: 'StreamGap';
  /** Where the gap begins. */
  from?: Maybe<Scalars['Cursor']['output']>;
  /** Events of the topic that are gone for good; 0 when resuming gives them all. */
  lost?: Maybe<Scalars['Float']['output']>;
  /** Why. */
  reason: GapReason;
  /** Where it ends; null when the stream was cut off and can be resumed at its beginning. */
  to?: Maybe<Scalars['Cursor']['output']>;
};

/** Says that the stream lives, and how far it has come. */
export type StreamHeartbeat = {
  __typename?: 'StreamHeartbeat';
  /** Where to resume. */
  cursor: Scalars['Cursor']['output'];
  /** Milliseconds from the watermark, or while there is none from the begin of the stream, to now; 0 only when nothing waits. */
  lagMs: Scalars['Int']['output'];
  /** The longest time between two events, in milliseconds: after two of them the stream is silent. */
  periodMs: Scalars['Int']['output'];
  /** Everything logged up to here was delivered. */
  watermark?: Maybe<Scalars['DateTime']['output']>;
};

/** Genotypes of named samples or people: one of them has to match. */
export type SubjectGenotypeFilter = {
  /** Only what this call set (id or name) says. */
  callSetId?: InputMaybe<Scalars['ID']['input']>;
  /** People: the samples that are theirs and nobody else's. Somebody the snapshot does not know is NOT_FOUND. */
  patientIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** Samples, by their names in the files. */
  sampleIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** Allelic states that match; carriers when left out. NOT_ASSAYED cannot be asked for here. */
  zygosity?: InputMaybe<Array<Zygosity>>;
};

/** Readings that are durable, whatever will be said of them. */
export type Submission = {
  __typename?: 'Submission';
  /** Names it in `submission`, for a week. */
  cursor: Scalars['Cursor']['output'];
  /** The same idempotency key is the same submission. */
  id: Scalars['ID']['output'];
  /** Where its readings went; null until the worker has judged the last of them. What was sent in an attempt that broke off is counted too. */
  ledger?: Maybe<ObservationLedger>;
  /** Lines in the log, not counting blank ones. */
  lines: Scalars['Float']['output'];
};

export type Subscription = {
  __typename?: 'Subscription';
  /** Every step of every alert that meets the filter, before the step or after it: in order per patient, each once; a heartbeat when nothing happens. */
  alerts: AlertEvent;
  /** Every snapshot that is published, in order, each once; a heartbeat when nothing happens. */
  datasetPublished: DatasetEvent;
  /** Every transition of every job, in order per job, each once; a heartbeat when nothing happens. */
  jobUpdates: JobEvent;
  /** Every accepted reading, or every window that a reading came into, in order per patient, each once; a heartbeat when nothing happens. */
  vitals: VitalEvent;
};


export type SubscriptionAlertsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  code?: InputMaybe<Array<CodingInput>>;
  cohortId?: InputMaybe<Scalars['ID']['input']>;
  includeShadow?: Scalars['Boolean']['input'];
  kinds?: InputMaybe<Array<AlertKind>>;
  minPriority?: AlertPriority;
  patientIds?: InputMaybe<Array<Scalars['ID']['input']>>;
};


export type SubscriptionDatasetPublishedArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  kind?: InputMaybe<Scalars['String']['input']>;
};


export type SubscriptionJobUpdatesArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
  kind?: InputMaybe<Scalars['String']['input']>;
};


export type SubscriptionVitalsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  code?: InputMaybe<Array<CodingInput>>;
  cohortId?: InputMaybe<Scalars['ID']['input']>;
  maxRateHz?: InputMaybe<Scalars['Float']['input']>;
  patientIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  window?: InputMaybe<Scalars['String']['input']>;
};

/** Rows of one table. */
export type TableRows = {
  __typename?: 'TableRows';
  /** Its rows; a whole number. */
  rows: Scalars['Float']['output'];
  /** Name of the table. */
  table: Scalars['String']['output'];
};

/** What a TECHNICAL rule calls. */
export enum TechnicalCause {
  /** Rules that need an age are not applied, because it is not known. */
  AgeUnknown = 'AGE_UNKNOWN',
  /** Two readings of one name say different things. */
  Conflict = 'CONFLICT',
  /** The clock of a device is wrong. */
  DeviceClock = 'DEVICE_CLOCK',
  /** A value that is possible and extreme: check the patient, then the sensor. */
  ExtremeValue = 'EXTREME_VALUE',
  /** Readings of a device are missing. */
  SequenceGap = 'SEQUENCE_GAP'
}

/** A limit. */
export type ThresholdInput = {
  /** <, <=, > or >=. */
  comparator: Scalars['String']['input'];
  /** UCUM: the unit that readings of the code are kept in; {score} of a score. */
  unit?: InputMaybe<Scalars['String']['input']>;
  /** The value. */
  value: Scalars['Float']['input'];
};

/** A limit. */
export type ThresholdSpec = {
  __typename?: 'ThresholdSpec';
  /** <, <=, > or >=. */
  comparator: Scalars['String']['output'];
  /** UCUM: the unit that readings of the code are kept in; {score} of a score. */
  unit?: Maybe<Scalars['String']['output']>;
  /** The value. */
  value: Scalars['Float']['output'];
};

/** A stretch of time, half open: its begin is in it, its end is not. */
export type TimeRangeInput = {
  /** Begin. */
  ge: Scalars['DateTime']['input'];
  /** End, after the begin. */
  lt: Scalars['DateTime']['input'];
};

/** One allele at one place of one build, split and normalised. It groups what the call sets say. */
export type Variant = {
  __typename?: 'Variant';
  /** Alternate bases. */
  alt: Scalars['String']['output'];
  /** Genes by position, and clinical statements on exactly this allele, with source and version. */
  annotations?: Maybe<VariantAnnotations>;
  /** Build of the coordinates. */
  assemblyId: ReferenceGenome;
  /** Contig without chr; the mitochondrion is MT. */
  chrom: Scalars['String']['output'];
  /** One frequency per call set, with its subgroups below; with population or sex, that group of each call set. */
  frequencies: Array<CohortAlleleFrequency>;
  /** Genotypes counted in one group of each call set. */
  genotypeCounts: Array<GenotypeCounts>;
  /** Genotypes of samples: carriers by default; every named sample where samples are named, NOT_ASSAYED included. */
  genotypes: GenotypeConnection;
  /** build:contig-pos-ref-alt, such as GRCh38:10-94781859-G-A. */
  id: Scalars['ID']['output'];
  /** First base of REF, 1-based. */
  pos: Scalars['Int']['output'];
  /** What each call set says. */
  records: Array<VariantRecord>;
  /** Reference bases. */
  ref: Scalars['String']['output'];
  /** dbSNP ids given by any record; an alias, not a key. */
  rsids?: Maybe<Array<Scalars['String']['output']>>;
  /** SPDI with a RefSeq accession; the position is 0-based. Null outside the primary assembly. */
  spdi?: Maybe<Scalars['String']['output']>;
  /** Sequence Ontology term: SNV, MNV, insertion, deletion, delins. */
  variantType: Scalars['String']['output'];
};


/** One allele at one place of one build, split and normalised. It groups what the call sets say. */
export type VariantFrequenciesArgs = {
  population?: InputMaybe<Scalars['String']['input']>;
  sex?: InputMaybe<Scalars['String']['input']>;
  source?: InputMaybe<Scalars['String']['input']>;
};


/** One allele at one place of one build, split and normalised. It groups what the call sets say. */
export type VariantGenotypeCountsArgs = {
  population?: InputMaybe<Scalars['String']['input']>;
  sex?: InputMaybe<Scalars['String']['input']>;
};


/** One allele at one place of one build, split and normalised. It groups what the call sets say. */
export type VariantGenotypesArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  callSetId?: InputMaybe<Scalars['ID']['input']>;
  first?: Scalars['Int']['input'];
  patientIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  sampleIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  zygosity?: InputMaybe<Array<Zygosity>>;
};


/** One allele at one place of one build, split and normalised. It groups what the call sets say. */
export type VariantRecordsArgs = {
  callSetId?: InputMaybe<Scalars['ID']['input']>;
};

/** What is known about an allele in the snapshot it was read from. */
export type VariantAnnotations = {
  __typename?: 'VariantAnnotations';
  /** Statements on exactly this allele. None is not benign: see `source` for who was asked. */
  clinical: Array<ClinicalSignificance>;
  /** Genes that overlap REF, on both strands; not necessarily the affected gene. */
  genes: Array<Gene>;
  /** Every release that was asked; empty while none is loaded. */
  source: Array<AnnotationSource>;
};

/** A page of variants, pinned to one snapshot. */
export type VariantConnection = {
  __typename?: 'VariantConnection';
  /** Number of all matches, whatever the page. */
  count?: Maybe<CountResult>;
  /** Nodes with their cursors. */
  edges: Array<VariantEdge>;
  /** All matches of the filter, whatever the page, counted exactly in the snapshot of the list. */
  facets: Array<Facet>;
  /** How fresh the list is. */
  freshness: Freshness;
  /** The nodes alone. */
  nodes: Array<Variant>;
  /** Where the page lies. */
  pageInfo: PageInfo;
};


/** A page of variants, pinned to one snapshot. */
export type VariantConnectionCountArgs = {
  mode?: CountMode;
};


/** A page of variants, pinned to one snapshot. */
export type VariantConnectionFacetsArgs = {
  by: Array<FacetInput>;
};

/** A variant and its place in the list. */
export type VariantEdge = {
  __typename?: 'VariantEdge';
  /** Place of the node. */
  cursor: Scalars['Cursor']['output'];
  /** The variant. */
  node: Variant;
};

/** All given fields hold. QUAL, FILTER and passOnly are met together by one record of one call set. */
export type VariantFilter = {
  /** All of these hold. */
  and?: InputMaybe<Array<VariantFilter>>;
  /** One statement of one source has one of these: a whole significance (Pathogenic/Likely_pathogenic), one classification in it (Pathogenic), or a group (P/LP, VUS+conflicting, B/LB, other). A variant without a statement is unknown: not in ClinVar is not benign. */
  clinicalSignificance?: InputMaybe<Array<Scalars['String']['input']>>;
  /** A frequency in a call set. */
  cohortAlleleFrequency?: InputMaybe<AlleleFrequencyFilter>;
  /** FILTER holds one of these; PASS is one of them. */
  filter?: InputMaybe<Array<Scalars['String']['input']>>;
  /** REF overlaps one of these genes: HGNC ids, Ensembl ids or symbols of the gene tables that were ingested. A gene that none of them knows is NOT_FOUND. */
  geneIds?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Identifiers: contig-pos-ref-alt (with the build in front, or with a region that tells it), rsIDs, SPDI, HGVS substitutions. */
  ids?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The same statement has at least this many gold stars, 0 to 4. A review status without a number of stars is unknown. */
  minReviewStars?: InputMaybe<Scalars['Int']['input']>;
  /** This does not hold. The opposite of unknown is unknown, and does not match. */
  not?: InputMaybe<VariantFilter>;
  /** One of these holds. */
  or?: InputMaybe<Array<VariantFilter>>;
  /** FILTER is PASS. A dot (filters were not run) is unknown, not PASS. */
  passOnly?: InputMaybe<Scalars['Boolean']['input']>;
  /** Frequencies by population; all of them hold. */
  populationAlleleFrequency?: InputMaybe<Array<AlleleFrequencyFilter>>;
  /** Bounds on QUAL. */
  qual?: InputMaybe<RangeInput>;
  /** REF overlaps one of these. */
  regions?: InputMaybe<Array<GenomicRegionInput>>;
  /** Genotypes of samples. */
  subject?: InputMaybe<SubjectGenotypeFilter>;
  /** SNV, MNV, insertion, deletion, delins; indel stands for the last three. */
  variantTypes?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** An identifier to look up. */
export type VariantIdInput = {
  /** Build of the coordinates; needed where the identifier does not tell it. */
  assemblyId?: InputMaybe<ReferenceGenome>;
  /** The identifier, such as chr10-94781859-G-A, rs4244285 or NC_000010.11:94781858:G:A. */
  id: Scalars['String']['input'];
  /** What kind it is. */
  type?: InputMaybe<VariantIdType>;
};

/** Kind of an identifier. */
export enum VariantIdType {
  /** Told from the text. */
  Auto = 'AUTO',
  /** ClinGen allele id; answered UNSUPPORTED_ID in this release. */
  Caid = 'CAID',
  /** ClinVar VariationID; answered UNSUPPORTED_ID in this release. */
  ClinvarVariation = 'CLINVAR_VARIATION',
  /** g. substitutions such as NC_000010.11:g.94781859G>A. */
  Hgvs = 'HGVS',
  /** dbSNP id. An alias: it may name several alleles. */
  Rsid = 'RSID',
  /** NC_000010.11:94781858:G:A; the position is 0-based. */
  Spdi = 'SPDI',
  /** contig-pos-ref-alt, with or without chr, such as chr10-94781859-G-A; pos is 1-based. */
  Vcf = 'VCF',
  /** GA4GH VRS id; answered UNSUPPORTED_ID in this release. */
  Vrs = 'VRS'
}

/** VCF files to ingest as one job. */
export type VariantIngestInput = {
  /** Build, where the header does not tell it; a header that says otherwise refuses the file. */
  assemblyId?: InputMaybe<ReferenceGenome>;
  /** Name of the call set. Without it the same build and samples are one call set. */
  callSet?: InputMaybe<Scalars['String']['input']>;
  /** Kind of the call set; told from the records when left out. */
  callSetKind?: InputMaybe<CallSetKind>;
  /** Read and count everything, publish nothing. */
  dryRun?: InputMaybe<Scalars['Boolean']['input']>;
  /** Format of the files: VCF, plain, gzip or bgzip. */
  format?: Scalars['String']['input'];
  /** Any text, 1 to 200 characters. The same key with other parameters is refused. */
  idempotencyKey: Scalars['String']['input'];
  /** Keep only alternates of at most this frequency in the file's genotypes. */
  maxAf?: InputMaybe<Scalars['Float']['input']>;
  /** Keep only alternates of at least this frequency in the file's genotypes. */
  minAf?: InputMaybe<Scalars['Float']['input']>;
  /** Keep only records of at least this QUAL; a record without QUAL is left out. */
  minQual?: InputMaybe<Scalars['Float']['input']>;
  /** Keep only records whose FILTER is PASS. */
  passOnly?: InputMaybe<Scalars['Boolean']['input']>;
  /** Id of an uploaded reference FASTA: alleles are left-aligned, and a REF that differs refuses the file. */
  referenceUri?: InputMaybe<Scalars['String']['input']>;
  /** Id of an uploaded sample sheet (tab-separated: sample, sex, population, superpopulation). */
  samplesUri?: InputMaybe<Scalars['String']['input']>;
  /** Ids that PUT /files answered; each file gets its own ledger. */
  uris: Array<Scalars['String']['input']>;
};

/** The outcome of looking one identifier up. */
export type VariantLookup = {
  __typename?: 'VariantLookup';
  /** All alleles the alias names; null where the identifier is no alias. */
  candidates?: Maybe<Array<Variant>>;
  /** Why there is no single variant. */
  error?: Maybe<LookupError>;
  /** Genotypes at the allele that was asked for, also where no call set holds it: named samples are HOM_REF where an interval covers it, else NOT_ASSAYED. */
  genotypes?: Maybe<GenotypeConnection>;
  /** The identifier as it was given. */
  input: Scalars['String']['output'];
  /** What kind of identifier it was taken for. */
  resolvedType?: Maybe<VariantIdType>;
  /** The variant, when exactly one is meant. */
  variant?: Maybe<Variant>;
};


/** The outcome of looking one identifier up. */
export type VariantLookupGenotypesArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  callSetId?: InputMaybe<Scalars['ID']['input']>;
  first?: Scalars['Int']['input'];
  patientIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  sampleIds?: InputMaybe<Array<Scalars['ID']['input']>>;
};

/** Order of a list of variants; ties go by position, and missing values come last. */
export enum VariantOrder {
  /** Lowest allele frequency of any call set first. */
  AfAsc = 'AF_ASC',
  /** Build, contig (1 to 22, X, Y, MT, others by name), POS, REF, ALT. */
  Position = 'POSITION',
  /** Highest QUAL of any record first. */
  QualDesc = 'QUAL_DESC'
}

/** What one call set says about the variant. */
export type VariantRecord = {
  __typename?: 'VariantRecord';
  /** Which of the original alternates this is, from 1. */
  altIndex: Scalars['Int']['output'];
  /** The call set. */
  callSetId: Scalars['ID']['output'];
  /** Filters the record failed; empty for PASS, null where filters were not run (a dot is not PASS). */
  filters?: Maybe<Array<Scalars['String']['output']>>;
  /** IDs of the record. */
  ids: Array<Scalars['String']['output']>;
  /** The file's own INFO, by key, as text: its AC, AN and AF may differ from what the genotypes give. */
  info?: Maybe<Scalars['JSON']['output']>;
  /** Alternates of the original record, in its order. */
  originalAlts: Array<Scalars['String']['output']>;
  /** POS of the original record, 1-based. */
  originalPos: Scalars['Int']['output'];
  /** REF of the original record. */
  originalRef: Scalars['String']['output'];
  /** File, line and job. */
  provenance: Provenance;
  /** QUAL: -10 log10 P(call wrong); null for a dot. */
  qual?: Maybe<Scalars['Float']['output']>;
};

/** One event of vitals. */
export type VitalEvent = {
  __typename?: 'VitalEvent';
  /** What was measured; null for a word of the stream. */
  code?: Maybe<Coding>;
  /** Where to resume: given as `after`, the stream goes on behind this event, whatever it was. */
  cursor: Scalars['Cursor']['output'];
  /** What happened. */
  event: VitalPayload;
  /** Whose it is; null for a word of the stream. */
  patientId?: Maybe<Scalars['ID']['output']>;
};

/** A stretch at least as long as a window without one. */
export type VitalGap = {
  __typename?: 'VitalGap';
  /** Begin. */
  from: Scalars['DateTime']['output'];
  /** Why. */
  reason: VitalGapReason;
  /** End. */
  to: Scalars['DateTime']['output'];
};

/** Why there is no window. */
export enum VitalGapReason {
  /** The log no longer holds windows of that time. */
  NotKept = 'NOT_KEPT',
  /** It lies behind the watermark, or its windows are still being computed. */
  NotYet = 'NOT_YET',
  /** No reading that counts came in time. */
  NoReadings = 'NO_READINGS'
}

/** A reading, a window after a reading came into it, or a word of the stream itself. */
export type VitalPayload = Observation | StreamGap | StreamHeartbeat | WindowAggregate;

/** Windows over one person's readings of one code. */
export type VitalSeries = {
  __typename?: 'VitalSeries';
  /** What is measured. */
  code: Coding;
  /** How far windows have come. isFinal: no window that overlaps the range changes again. */
  freshness: Freshness;
  /** Stretches of the range without a window, in order. */
  gaps: Array<VitalGap>;
  /** Readings of the range that came too late, and are in no window; null where there are too many to count. */
  late?: Maybe<Scalars['Int']['output']>;
  /** Every window that overlaps the range and has a reading, in order. */
  points: Array<WindowAggregate>;
};

/** Readings of one code in one stretch of time, half open. Late, extreme, contested and withdrawn readings are not in it. */
export type WindowAggregate = {
  __typename?: 'WindowAggregate';
  /** Time of its first reading. */
  firstAt?: Maybe<Scalars['DateTime']['output']>;
  /** The watermark has passed its end and every reading that counts is in it: it does not change again. */
  isFinal: Scalars['Boolean']['output'];
  /** Time of its last reading. */
  lastAt?: Maybe<Scalars['DateTime']['output']>;
  /** The layer it is from. */
  layer: Layer;
  /** The highest reading. */
  max?: Maybe<Scalars['Float']['output']>;
  /** Sum through number, divided once; null without a reading. */
  mean?: Maybe<Scalars['Float']['output']>;
  /** The lowest reading. */
  min?: Maybe<Scalars['Float']['output']>;
  /** Number of readings. A mean of one reading is no trend. */
  n: Scalars['Int']['output'];
  /** Grows with every reading it takes in: of two versions the one with the higher revision holds. */
  revision: Scalars['Float']['output'];
  /** A reading in it is made up, or replayed from a recording. */
  simulated: Scalars['Boolean']['output'];
  /** Standard deviation of a sample (n - 1); null below two readings. */
  stddev?: Maybe<Scalars['Float']['output']>;
  /** UCUM. */
  unit?: Maybe<Scalars['String']['output']>;
  /** End; outside. */
  windowEnd: Scalars['DateTime']['output'];
  /** Begin; inside. */
  windowStart: Scalars['DateTime']['output'];
};

/** Allelic state of a sample at an allele (LOINC 53034-5, and what a file can say beside it). */
export enum Zygosity {
  /** One allele called, one missing. */
  HalfMissing = 'HALF_MISSING',
  /** Haploid, this alternate. */
  HemiAlt = 'HEMI_ALT',
  /** Haploid REF. */
  HemiRef = 'HEMI_REF',
  /** One REF and one copy of this alternate. */
  Het = 'HET',
  /** Mitochondrial, a mixture of alleles. */
  Heteroplasmic = 'HETEROPLASMIC',
  /** This alternate and another one, no REF. */
  HetAlt = 'HET_ALT',
  /** Mitochondrial, only this alternate. */
  Homoplasmic = 'HOMOPLASMIC',
  /** Only this alternate. */
  HomAlt = 'HOM_ALT',
  /** Every called allele is REF; the site or an interval over it was looked at. */
  HomRef = 'HOM_REF',
  /** The file lists the sample at the site without a call. */
  Missing = 'MISSING',
  /** Nobody looked: absent is never reference. */
  NotAssayed = 'NOT_ASSAYED',
  /** Carries only other alternates of the original record. */
  OtherAlt = 'OTHER_ALT'
}

export type VariantByIdQueryVariables = Exact<{
  id: VariantIdInput;
}>;


export type VariantByIdQuery = { __typename?: 'Query', variant: { __typename?: 'VariantLookup', input: string, resolvedType?: VariantIdType | null, error?: LookupError | null, variant?: { __typename?: 'Variant', id: string, chrom: string, pos: number, ref: string, alt: string, frequencies: Array<{ __typename?: 'CohortAlleleFrequency', cohort: string, focusAlleleCount: number, locusAlleleCount: number, alleleFrequency?: number | null }> } | null } };

export type VariantPageQueryVariables = Exact<{
  filter: VariantFilter;
  orderBy?: InputMaybe<VariantOrder>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['Cursor']['input']>;
}>;


export type VariantPageQuery = { __typename?: 'Query', variants: { __typename?: 'VariantConnection', edges: Array<{ __typename?: 'VariantEdge', cursor: string, node: { __typename?: 'Variant', id: string } }>, pageInfo: { __typename?: 'PageInfo', startCursor?: string | null, endCursor?: string | null, hasNextPage: boolean, hasPreviousPage: boolean, snapshotId: string } } };
