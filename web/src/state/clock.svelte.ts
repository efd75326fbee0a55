/** The present, in seconds, ticking often enough for "3 min ago" and for the duration of running runs. */

class Clock {
  now_s = $state(Date.now() / 1000);

  constructor() {
    setInterval(() => (this.now_s = Date.now() / 1000), 5000);
  }
}

export const clock = new Clock();
