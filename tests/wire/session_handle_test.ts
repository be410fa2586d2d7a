/** The native half of an HTTP/2 session, as a session's guard uses it. */
import { assertEquals, assertThrows } from "@std/assert";
import { type SessionHandle, takeTurns } from "../../flight/session_handle.ts";

/** A guarded handle that tells what is done, and what happens meanwhile. */
function guarded(
  during: Partial<Record<keyof SessionHandle, (handle: SessionHandle) => void>>,
): { handle: SessionHandle; done: string[] } {
  const done: string[] = [];
  const act = (name: keyof SessionHandle) => {
    done.push(name);
    during[name]?.(handle);
    done.push(`${name} ends`);
  };
  const handle: SessionHandle = {
    receive: () => act("receive"),
    getOutgoingChunk() {
      act("getOutgoingChunk");
      return Uint8Array.of(1);
    },
    sendPending: () => act("sendPending"),
    destroy: () => act("destroy"),
  };
  takeTurns(handle);
  return { handle, done };
}

const NOTHING = new Uint8Array(0);
const SEND = ["sendPending", "sendPending ends"];
const DESTROY = ["destroy", "destroy ends"];

Deno.test("takeTurns() sends once what is to be sent while a frame is taken in", () => {
  const { handle, done } = guarded({
    receive(handle) {
      handle.sendPending();
      handle.sendPending();
      assertEquals(handle.getOutgoingChunk(), NOTHING);
    },
  });
  handle.receive(NOTHING);
  assertEquals(done, ["receive", "receive ends", ...SEND]);
});

Deno.test("takeTurns() sends what is asked for by its frame alone", () => {
  const { handle, done } = guarded({ receive: (handle) => handle.getOutgoingChunk() });
  handle.receive(NOTHING);
  assertEquals(done, ["receive", "receive ends", ...SEND]);
});

Deno.test("takeTurns() hands out no frame while it hands out one", () => {
  let left = 1;
  const { handle, done } = guarded({
    getOutgoingChunk(handle) {
      assertEquals(handle.getOutgoingChunk(), NOTHING);
      handle.sendPending();
    },
    sendPending: (handle) => void (left-- > 0 && handle.getOutgoingChunk()),
  });
  handle.sendPending();
  const chunk = ["getOutgoingChunk", "getOutgoingChunk ends"];
  assertEquals(done, ["sendPending", ...chunk, "sendPending ends", ...SEND]);
});

Deno.test("takeTurns() frees a session after the frame, and at once between frames", async () => {
  const { handle, done } = guarded({
    receive(handle) {
      handle.destroy();
      handle.sendPending();
    },
  });
  handle.receive(NOTHING);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(done, ["receive", "receive ends", ...SEND, ...DESTROY]);
  done.length = 0;
  handle.destroy();
  assertEquals(done, DESTROY);
});

Deno.test("takeTurns() goes on after a frame that has thrown", () => {
  const { handle, done } = guarded({
    receive() {
      throw new TypeError("no frame");
    },
  });
  assertThrows(() => handle.receive(NOTHING), TypeError, "no frame");
  done.length = 0;
  handle.sendPending();
  assertEquals(done, SEND);
});
