/** Light, dark, or what the system says. The choice is kept in this browser; public/theme.js applies it before first paint. */

export type Theme = "system" | "light" | "dark";

const KEY = "kerascope.theme";
const systemDark = matchMedia("(prefers-color-scheme: dark)");

class ThemeState {
  choice = $state<Theme>((document.documentElement.dataset.theme as Theme | undefined) ?? "system");
  private isSystemDark = $state(systemDark.matches);

  constructor() {
    systemDark.addEventListener("change", (event) => (this.isSystemDark = event.matches));
  }

  get isDark(): boolean {
    return this.choice === "system" ? this.isSystemDark : this.choice === "dark";
  }

  set(choice: Theme): void {
    this.choice = choice;
    if (choice === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    try {
      if (choice === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, choice);
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
  }
}

export const theme = new ThemeState();

const resolved = new Map<string, string>();
let probe: HTMLElement | undefined;

/**
 * A colour token as the canvas understands it (`rgb(...)`). Reads `theme.isDark`, so that effects which draw run again
 * when the theme changes.
 */
export function token(name: string): string {
  const key = `${theme.isDark} ${name}`;
  let color = resolved.get(key);
  if (color === undefined) {
    if (probe === undefined) {
      probe = document.createElement("span");
      probe.hidden = true;
      document.body.append(probe);
    }
    probe.style.color = `var(${name})`;
    color = getComputedStyle(probe).color;
    resolved.set(key, color);
  }
  return color;
}
