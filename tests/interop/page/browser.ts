/**
 * A browser that looks at the page of a server, at different widths, in light and dark.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { HttpDoor, type HttpDoorOptions } from "../../../http/mod.ts";
import { TinyServer, type TinyServerOptions } from "../../../server.ts";

/** Nothing on the page takes as long as this, in milliseconds. */
const MAX_TIME = 30_000;
/** How wide and high a small and a large screen are. */
const SIZES = [{ width: 360, height: 740 }, { width: 1440, height: 900 }] as const;
/** Where pictures of what is checked are written, for people to look at. */
const PICTURES = Deno.env.get("TINYFLIGHT_PICTURES");

/** What axe-core finds. */
interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly {
      readonly html: string;
      readonly failureSummary: string;
    }[];
  }[];
}

/** A server, and a browser that is looking at its page. */
export class Looking implements AsyncDisposable {
  readonly server: TinyServer;
  /** The page's address. */
  readonly url: string;
  /** The page. */
  readonly page: Page;
  readonly #browser: Browser;
  /** What the page or the browser have complained about. */
  readonly #complaints: string[] = [];

  private constructor(parts: {
    server: TinyServer;
    url: string;
    page: Page;
    browser: Browser;
  }) {
    this.server = parts.server;
    this.url = parts.url;
    this.page = parts.page;
    this.#browser = parts.browser;
    this.page.setDefaultTimeout(MAX_TIME);
    this.page.on("pageerror", (error) => this.#complaints.push(`${error.stack}`));
    this.page.on("console", (message) => {
      // That a response is an error is what some tests are about.
      if (message.text().startsWith("Failed to load resource")) return;
      this.#complaints.push(message.text());
    });
    this.page.on("request", (request) => {
      if (new URL(request.url()).origin === this.url) return;
      this.#complaints.push(`a request to ${request.url()}`);
    });
  }

  /** Starts a server, and a browser, which has not loaded the page yet. */
  static async start(
    options: TinyServerOptions = {},
    httpOptions: HttpDoorOptions = {},
  ): Promise<Looking> {
    const http = new HttpDoor({ port: 0, ...httpOptions });
    const server = await new TinyServer({ port: 0, http, ...options }).listen();
    const browser = await chromium.launch({
      executablePath: Deno.env.get("TINYFLIGHT_CHROMIUM"),
      args: ["--no-sandbox"],
    });
    const page = await browser.newPage({
      viewport: SIZES[1],
      // The certificates of the tests are of no authority that a browser knows.
      ignoreHTTPSErrors: options.tls !== undefined,
    });
    const url = http.location;
    return new Looking({ server, url, page, browser });
  }

  /** Loads the page with this behind its address. */
  async open(path: string = ""): Promise<void> {
    await this.page.goto(`${this.url}/${path}`);
  }

  /**
   * Checks what is shown now: at both widths, in light and dark, axe-core finds nothing,
   * and nothing is wider than the screen.
   */
  async check(what: string): Promise<void> {
    for (const size of SIZES) {
      await this.page.setViewportSize(size);
      for (const colorScheme of ["light", "dark"] as const) {
        await this.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        const at = `${what}, ${size.width} pixels, ${colorScheme}`;
        if (PICTURES !== undefined) {
          await this.page.screenshot({ path: `${PICTURES}/${at}.png` });
        }
        const width = await this.page.evaluate("document.body.scrollWidth") as number;
        assert(width <= size.width, `${at}: ${width} pixels wide`);
        assertEquals([at, await this.#violations()], [at, []]);
      }
    }
  }

  /** Drops files on the page. */
  async drop(files: { readonly [name: string]: Uint8Array }): Promise<void> {
    const contents = Object.entries(files).map(([name, bytes]) =>
      `new File([Uint8Array.fromBase64("${bytes.toBase64()}")], ${
        JSON.stringify(name)
      })`
    );
    await this.page.evaluate(`{
      const dataTransfer = new DataTransfer();
      for (const file of [${contents}]) dataTransfer.items.add(file);
      const init = { dataTransfer, bubbles: true, cancelable: true };
      document.body.dispatchEvent(new DragEvent("dragover", init));
      document.body.dispatchEvent(new DragEvent("drop", init));
    }`);
  }

  async #violations(): Promise<string[]> {
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate("axe.run()") as AxeResults;
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`)
    );
  }

  /** Ends both. Nothing may have been wrong in the browser. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.server.shutdown();
    assertEquals(this.#complaints, []);
  }
}
