import type { TableSource } from "../../api/tables";

/** A table that another one can be compared with. */
export interface Peer {
  label: string;
  source: TableSource;
}
