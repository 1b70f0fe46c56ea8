/** How a process of switchyard is run. */
export interface Program {
  /** A bundle; absent: the sources. */
  file?: string | undefined;
  /** Flags of Node, besides those that the chart or the operator gives it. */
  nodeFlags?: readonly string[] | undefined;
}
