/** That backends are ejected and taken back is told, and is as it should be. */
const expected = ["Ejecting a backend from its chains", "Taking a backend back into its chains"];

/** Whether a line of the operational log speaks of something that should not have happened. */
export const isTrouble = (line: string): boolean =>
  !expected.some((message) => line.includes(message));
