/**
 * The ten methods of Flight, each with what answers it in a FlightService.
 *
 * @module
 */
import * as rpc from "../../proto/service.ts";
import type { FlightService } from "./flight_service.ts";
import type { MethodHandler } from "./rpc_service.ts";

/** The handlers of a service's ten methods. */
export function handlersOf(service: FlightService): readonly MethodHandler[] {
  return [
    {
      method: rpc.handshake,
      answer: (requests, call) => service.handshake(requests, call),
    },
    {
      method: rpc.listFlights,
      answer: async (requests, call) => service.listFlights(await only(requests), call),
    },
    {
      method: rpc.getFlightInfo,
      answer: async (requests, call) => [
        await service.getFlightInfo(await only(requests), call),
      ],
    },
    {
      method: rpc.pollFlightInfo,
      answer: async (requests, call) => [
        await service.pollFlightInfo(await only(requests), call),
      ],
    },
    {
      method: rpc.getSchema,
      answer: async (requests, call) => [
        await service.getSchema(await only(requests), call),
      ],
    },
    {
      method: rpc.doGet,
      answer: async (requests, call) => service.doGet(await only(requests), call),
    },
    {
      method: { ...rpc.doPut, keepsRequests: service.keepsPuts },
      answer: (requests, call) => service.doPut(requests, call),
    },
    {
      method: rpc.doExchange,
      answer: (requests, call) => service.doExchange(requests, call),
    },
    {
      method: rpc.doAction,
      answer: async (requests, call) => service.doAction(await only(requests), call),
      // C++ clients read no result before they have the headers.
      headersFirst: true,
    },
    {
      method: rpc.listActions,
      answer: async (requests, call) => {
        await only(requests);
        return service.listActions(call);
      },
    },
  ];
}

/** The one request of a call: the transport gives exactly one, or throws. */
export async function only<T>(requests: AsyncIterable<T>): Promise<T> {
  let only: T | undefined;
  for await (const request of requests) only = request;
  return only as T;
}
