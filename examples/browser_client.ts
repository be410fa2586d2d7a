/** A page that puts and reads a table in a browser, over HTTP: open the printed URL. */
import { TinyServer } from "@tinyflight/flight";
import { HttpDoor } from "@tinyflight/flight/http";

const page = await Deno.readTextFile(new URL("browser_client.html", import.meta.url));
const pages = Deno.serve(
  { port: 0, onListen() {} },
  () => new Response(page, { headers: { "content-type": "text/html" } }),
);
const origin = `http://localhost:${pages.addr.port}`;

// Pages of this origin may use the tables; a browser refuses them to all others.
const http = new HttpDoor({ port: 0, cors: [origin] });
const server = await new TinyServer({ port: 0, http }).listen();
console.log(`${origin}/?tables=${http.location}/tables`);

Deno.addSignalListener("SIGINT", async () => {
  await server.shutdown();
  await pages.shutdown();
});
