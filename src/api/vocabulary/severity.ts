/** An Error keeps the resource out; a Warning only says something. */
export type Severity = "Error" | "Warning";
