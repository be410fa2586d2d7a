/**
 * Credentials from the places where programs for S3 look for them.
 *
 * @module
 */
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import type { S3Credentials } from "./s3_store.ts";

/**
 * Gives the credentials that the AWS SDK finds: in environment variables such as
 * `AWS_ACCESS_KEY_ID`, in the files of the AWS command, or those of the role of the
 * machine or container. They are looked for again before they expire.
 *
 * @example A server with the role of its machine
 * ```ts ignore
 * import { S3Store, usualCredentials } from "@tinyflight/flight/stores/s3";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * const options = { region: "eu-central-1", credentials: usualCredentials() };
 * const store = await S3Store.open("s3://tables/production", options);
 * await new TinyServer({ store }).serve();
 * ```
 */
export function usualCredentials(): () => Promise<S3Credentials> {
  return defaultProvider();
}
