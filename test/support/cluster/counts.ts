const soak = process.env["SWITCHYARD_SOAK"] === "true";

/** How much of what takes long: `npm run test:soak` asks for all of it and prints it. */
export const counts = soak
  ? { edits: 100, streams: 6, outageSeconds: 60, crashes: 3 }
  : { edits: 40, streams: 3, outageSeconds: 20, crashes: 1 };

if (soak) process.stdout.write(`${JSON.stringify(counts)}\n`);
