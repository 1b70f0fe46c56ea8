/** Another attempt at the same request has answered first. */
export class Superseded extends Error {
  constructor() {
    super("Another attempt answered first");
    this.name = "Superseded";
  }
}
