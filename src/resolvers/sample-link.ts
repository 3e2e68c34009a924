import { Ctx, FieldResolver, ID, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import { Cost } from "../schema/cost.js";
import { Genotype } from "../schema/genotype.js";
import { Patient, SampleLink } from "../schema/patient.js";
import type { SampleLink as ServedLink } from "../views/sample-links.js";
import type { ServedGenotype } from "../views/variant.js";

const NULLABLE = { nullable: true } as const;

@Resolver(() => SampleLink)
export class SampleLinkResolver {
  @FieldResolver(() => [Patient], { description: "Everybody a statement names, as far as they are on record." })
  @Cost(1)
  async patients(
    @Root() { patientIds, reader }: ServedLink,
    @Ctx() context: RequestContext,
  ): Promise<readonly object[]> {
    const found = await Promise.all(patientIds.map(async (id) => context.patients.patientIn(reader, id)));
    return found.filter((patient) => patient !== null);
  }

  @FieldResolver(() => [ID], { description: "Call sets the sample is in, sorted." })
  callSetIds(@Root() { sampleId, reader }: ServedLink): readonly string[] {
    return reader.callSets
      .callSetsOf(sampleId)
      .map(({ id }) => id)
      .sort();
  }

  @FieldResolver(() => String, {
    ...NULLABLE,
    description: "Sex in the sample sheets: female or male; null where no sheet says, or sheets differ.",
  })
  sheetSex(@Root() { sampleId, reader }: ServedLink): string | null {
    const sexes = new Set(reader.callSets.callSetsOf(sampleId).flatMap(({ facts }) => facts.get(sampleId)?.sex ?? []));
    const [only] = sexes;
    return sexes.size === 1 && only !== undefined ? only : null;
  }

  @FieldResolver(() => Boolean, {
    ...NULLABLE,
    description:
      "Whether the sheets' sex differs from the gender of the one person it is linked to: a sign of a swap. Null where either is not known.",
  })
  @Cost(1)
  async sexMismatch(@Root() link: ServedLink, @Ctx() context: RequestContext): Promise<boolean | null> {
    const sex = this.sheetSex(link);
    const [id] = link.patientIds;
    if (link.status !== "LINKED" || id === undefined || sex === null) return null;
    const gender = (await context.patients.patientIn(link.reader, id))?.row["gender"];
    return gender === "female" || gender === "male" ? gender !== sex : null;
  }
}

@Resolver(() => Genotype)
export class GenotypePersonResolver {
  @FieldResolver(() => Patient, {
    ...NULLABLE,
    description: "The person the sample is linked to; null where it is unlinked or ambiguous (see sampleLink).",
  })
  @Cost(1)
  async patient(@Root() { reader, sampleId }: ServedGenotype, @Ctx() context: RequestContext): Promise<object | null> {
    const { status, patientIds } = context.patients.linkOf(reader, sampleId);
    const [id] = patientIds;
    return status === "LINKED" && id !== undefined ? context.patients.patientIn(reader, id) : null;
  }

  @FieldResolver(() => SampleLink, { description: "Whose the sample is." })
  @Cost(1)
  sampleLink(@Root() { reader, sampleId }: ServedGenotype, @Ctx() context: RequestContext): object {
    return context.patients.linkOf(reader, sampleId);
  }
}
