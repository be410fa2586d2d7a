/**
 * An HTTP request as a call of the server.
 *
 * @module
 */
import { CallHeaders } from "../rpc/call_headers.ts";
import { FlightError } from "../flight/errors.ts";
import { RunningCall } from "../flight/server/running_call.ts";

/** How a request's answer is delivered. */
export interface Delivery {
  /** The client's address, such as `127.0.0.1:41234`. */
  readonly peer: string;
  /** Settled when the client has the answer; rejected when it went away before. */
  readonly completed: Promise<void>;
}

/** A request that is being answered, as middleware and logs see it. */
export class HttpCall extends RunningCall {
  readonly headers: CallHeaders = new CallHeaders();
  readonly deadline: undefined = undefined;
  readonly #request: Request;

  /** A call of this method of Flight. */
  constructor(method: string, request: Request, { peer, completed }: Delivery) {
    super(method, peer);
    this.#request = request;
    this.headers.receive(request.headers);
    const onLeft = () =>
      this.cancel(
        new FlightError("CANCELLED", "The client cancelled the request, or went away"),
      );
    completed.catch(onLeft);
  }

  /** The request's method in HTTP, such as `PUT`. */
  get verb(): string {
    return this.#request.method;
  }

  get authority(): string | undefined {
    return this.#request.headers.get("host") ?? undefined;
  }
}
