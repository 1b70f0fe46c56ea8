/** The client closed its connection: whatever is under way for it is cancelled. */
export class ClientGone extends Error {
  constructor() {
    super("The client closed the connection");
    this.name = "ClientGone";
  }
}
