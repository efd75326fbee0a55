/** Numbers, sizes and times as people read them. Pure; the present moment is passed in. */

const MINUS = "\u2212";

// Made once: a formatter costs a hundred times what one text of it does.
const THIS_YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const ANY_YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const FULL_TIME = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const WHOLE = new Intl.NumberFormat("en-US");

/** A number in at most `digits` significant digits, with a real minus sign: 0.001234, 1.23e-7, 12,345, NaN. */
export function formatNumber(value: number, digits = 5): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : MINUS + "∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  let text: string;
  if (Number.isInteger(value) && size < 1e15) {
    text = size < 1000 ? String(size) : WHOLE.format(size);
  } else if (size >= 1e7 || size < 1e-4) {
    text = trimZeros(size.toExponential(Math.max(0, digits - 1))).replace("e+", "e");
  } else if (size >= 1000) {
    text = size.toLocaleString("en-US", { maximumSignificantDigits: Math.max(digits, 5) });
  } else {
    // Not the text of `toPrecision`, which writes 480 in two digits as 4.8e+2.
    text = String(Number(size.toPrecision(digits)));
  }
  return value < 0 ? MINUS + text : text;
}

function trimZeros(text: string): string {
  const [mantissa, exponent] = text.split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return exponent === undefined ? short : `${short}e${exponent}`;
}

const COUNT_UNITS = ["", "k", "M", "B", "T"];

/** A big count in few characters: 950, 1.2k, 3.4M. */
export function formatCount(value: number): string {
  if (Math.abs(value) < 1000) return String(value);
  let size = value;
  let index = 0;
  // What three digits round to a thousand belongs to the next unit: 999,999 is 1M.
  while (index < COUNT_UNITS.length - 1 && Math.abs(size) >= (index === 0 ? 1000 : 999.5)) {
    size /= 1000;
    index += 1;
  }
  return Number(size.toPrecision(3)) + COUNT_UNITS[index];
}

/** Bytes with binary units: 512 B, 1.5 KiB, 2.1 GiB. */
export function formatBytes(value: number): string {
  if (value < 1024) return `${Math.round(value)} B`;
  const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
  let size = value;
  let index = -1;
  do {
    size /= 1024;
    index += 1;
  } while (size >= 1024 && index < units.length - 1);
  return `${size >= 100 ? Math.round(size) : trimZeros(size.toFixed(1))} ${units[index]}`;
}

/** A length of time: 840 ms, 42 s, 3 m 05 s, 2 h 14 m, 3 d 4 h. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 0) return MINUS + formatDuration(-seconds);
  if (seconds < 1) return seconds === 0 ? "0 s" : `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 10) return `${trimZeros(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const pad = (part: number) => String(part).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${pad(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long ago: just now, 3 minutes ago, yesterday, 12 Mar, 12 Mar 2024. */
export function formatAgo(time_s: number, now_s: number): string {
  const age = now_s - time_s;
  if (age < 5) return "just now";
  if (age < 60) return `${Math.floor(age)} s ago`;
  if (age < 3600) return `${Math.floor(age / 60)} min ago`;
  if (age < 86_400) return `${Math.floor(age / 3600)} h ago`;
  if (age < 7 * 86_400) return `${Math.floor(age / 86_400)} d ago`;
  const date = new Date(time_s * 1000);
  const sameYear = date.getFullYear() === new Date(now_s * 1000).getFullYear();
  return (sameYear ? THIS_YEAR : ANY_YEAR).format(date);
}

/** The full local date and time, for hover texts. */
export function formatTime(time_s: number): string {
  return FULL_TIME.format(time_s * 1000);
}

/** Any config or summary value on one line. */
export function formatValue(value: unknown): string {
  if (value === undefined || value === null) return value === null ? "null" : "";
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "true" : "false";
  if (Array.isArray(value)) return `[${value.map(formatValue).join(", ")}]`;
  const map = value as Record<string, unknown>;
  if (typeof map._type === "string") return formatMedia(map);
  return Object.entries(map)
    .map(([key, part]) => `${key}: ${formatValue(part)}`)
    .join(", ");
}

function formatMedia(value: Record<string, unknown>): string {
  if (value._type === "table-file") return `table, ${value.nrows} × ${value.ncols}`;
  if (value._type === "image-file") return `image, ${value.width} × ${value.height}`;
  if (value._type === "images/separated") return `${value.count} images`;
  return String(value._type).replace(/-file$/, "");
}

/** Plural with the number in front: 1 run, 2 runs. */
export function formatPlural(count: number, noun: string): string {
  return `${WHOLE.format(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A number for a column of numbers: always as many digits, so that the points of neighbours stand near each other. */
export function formatCell(value: number, digits = 4): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || Number.isInteger(value) || size >= 1000 || size < 1e-4)
    return formatNumber(value, digits);
  return (value < 0 ? MINUS : "") + size.toPrecision(digits);
}
