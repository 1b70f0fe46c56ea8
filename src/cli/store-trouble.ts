/** A store of records that is away, or denies what is asked of it. Exit code 1: what was asked may be right. */
export class StoreTrouble extends Error {}
