/** What a switch says it is. */
export interface Identity {
  readonly hostname: string;
  readonly serial: string;
  /** For example `MSN4600C`. Empty when the platform does not say. */
  readonly model: string;
  /** Operating system version as the switch writes it, for example `5.11.1`. */
  readonly version: string;
  /** `sha256:<64 hex>` of the certificate or host key the switch showed on this connection. */
  readonly pin: string;
}
