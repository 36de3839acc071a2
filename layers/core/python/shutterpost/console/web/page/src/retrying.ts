// When the page asks again by itself: ever later after failures, and only in a tab that somebody sees. In seconds.
const [FIRST_WAIT, LONGEST_WAIT] = [5, 60];

// Of a read that failed, after how many failures before.
export function waitAfter(failures: number): number {
  return Math.min(FIRST_WAIT * 2 ** failures, LONGEST_WAIT);
}

// Returns what ends the wait.
export function actAfter(seconds: number, act: () => void): () => void {
  const waiting = new AbortController();
  const timer = setTimeout(() => {
    if (document.hidden) addEventListener("visibilitychange", act, { once: true, signal: waiting.signal });
    else act();
  }, seconds * 1_000);
  return () => {
    clearTimeout(timer);
    waiting.abort();
  };
}
