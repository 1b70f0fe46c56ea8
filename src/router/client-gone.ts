/** The client closed its connection: whatever is under way for it is cancelled. */
export class ClientGone extends Error {
  constructor() {
    super("The client closed the connection");
    this.name = "ClientGone";
  }
}

/**
 * The router has to stop and can wait no longer. What is under way is cancelled as if the client had
 * left, but the client is there to be told.
 */
export class ShutDown extends ClientGone {
  constructor() {
    super();
    this.message = "The router is shutting down; send the request again";
    this.name = "ShutDown";
  }
}
