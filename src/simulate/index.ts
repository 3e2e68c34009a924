export { LAST_DAY, SHEET_HEADER, cohortOf, personAt, sheetLine, type Person } from "./people.js";
export { POPULATIONS, SIMULATED_REGIONS, findRegions, type SimulatedRegion } from "./regions.js";
export { vcfOf } from "./vcf.js";
