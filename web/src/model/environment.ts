/** The environment of a run, as far as the pages name its fields (docs/tracking.md). Everything may be missing. Pure. */

import { isMap } from "./value";

export interface BlobText {
  sha256: string;
  size: number;
  path: string;
}

export interface Git {
  commit?: string;
  branch?: string;
  remote?: string;
  root?: string;
  dirty: boolean;
  diff?: BlobText;
  diffLeftOut?: string;
  /** The first files and folders that git does not know, and how many there are; undefined: nobody looked. */
  untracked?: string[];
  untrackedCount?: number;
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

export function blobText(value: unknown): BlobText | undefined {
  if (!isMap(value) || typeof value.sha256 !== "string") return undefined;
  return { sha256: value.sha256, size: Number(value.size ?? 0), path: text(value.path) ?? value.sha256.slice(0, 8) };
}

export function gitOf(environment: Record<string, unknown>): Git | undefined {
  const git = environment.git;
  if (!isMap(git)) return undefined;
  return {
    commit: text(git.commit),
    branch: text(git.branch),
    remote: text(git.remote),
    root: text(git.root),
    dirty: git.dirty === true,
    diff: blobText(git.diff),
    diffLeftOut: text(git.diff_left_out),
    untracked: Array.isArray(git.untracked) ? git.untracked.map(String) : undefined,
    untrackedCount: typeof git.untracked_count === "number" ? git.untracked_count : undefined,
  };
}

/** How what ran stands to a commit. `none`: there is no repository; `unknown`: nobody could tell. */
export interface SourceState {
  kind: "none" | "unknown" | "clean" | "dirty";
  words: string;
}

export function sourceState(environment: Record<string, unknown>): SourceState {
  const git = isMap(environment.git) ? environment.git : {};
  const known = gitOf(environment);
  if (git.dirty === true) return { kind: "dirty", words: "not committed when the run began" };
  if (git.dirty === false) {
    const count = known?.untrackedCount;
    if (count === 0) return { kind: "clean", words: "none: the commit is what ran" };
    const more = count === undefined ? "" : `; ${count} beside them ${count === 1 ? "is" : "are"} not in git`;
    return { kind: "clean", words: "none in the files of the commit" + more };
  }
  const why = text(environment.git_left_out) ?? known?.diffLeftOut;
  if (why === "no repository") return { kind: "none", words: "the program lay in no git repository" };
  return { kind: "unknown", words: why === undefined ? "not known" : `not known: ${why}` };
}

/** The program and its arguments. */
export function argumentsOf(environment: Record<string, unknown>): string[] {
  return Array.isArray(environment.argv) ? environment.argv.map(String) : [];
}

/** The command line, quoted where a shell would need it. */
export function commandOf(environment: Record<string, unknown>): string | undefined {
  const parts = argumentsOf(environment);
  if (parts.length === 0) return undefined;
  const quoted = parts.map((part) => (/^[\w@%+=:,./*-]+$/.test(part) ? part : quote(part)));
  return ["python", ...quoted].join(" ");
}

function quote(part: string): string {
  return `'${part.replace(/'/g, "'\\''")}'`;
}

export function packagesOf(environment: Record<string, unknown>): [string, string][] {
  const packages = environment.packages;
  return isMap(packages) ? Object.entries(packages).map(([name, version]) => [name, String(version)]) : [];
}

/** What a training stands on, as far as it is there. */
const LEADING = ["keras", "jax", "tensorflow", "tensorflow-cpu", "torch", "numpy"];

export function leadingPackages(packages: readonly [string, string][]): [string, string][] {
  return LEADING.flatMap((name) => packages.filter(([other]) => other.toLowerCase() === name));
}

const TOLD_ELSEWHERE = new Set(["git", "git_left_out", "argv", "packages", "program_file", "program"]);

/** What is known of the machine: every remaining field. */
export function machineOf(environment: Record<string, unknown>): [string, unknown][] {
  return Object.entries(environment).filter(([name]) => !TOLD_ELSEWHERE.has(name));
}

export type DiffTone = "add" | "remove" | "hunk" | "file" | "plain";

/** The tone of a line of a unified diff. */
export function diffTone(line: string): DiffTone {
  if (/^(diff |index |--- |\+\+\+ |new file|deleted file|rename |similarity )/.test(line)) return "file";
  if (line.startsWith("@@")) return "hunk";
  if (line.startsWith("+")) return "add";
  return line.startsWith("-") ? "remove" : "plain";
}
