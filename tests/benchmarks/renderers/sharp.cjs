// Renders a plan with sharp: `node sharp.cjs PLAN one|all FOLDER-OF-SHARP QUALITY`; see measuring.py.
// `one`: one photo after the other on one thread; `all`: all asked for at once, as its users write it.
const { readFileSync } = require("node:fs");
const [plan, manner, home, quality] = process.argv.slice(2);
const sharp = require(`${home}/node_modules/sharp`);

async function render([source, target, width, height]) {
  await sharp(source)
    .rotate()
    .resize(width, height, { fit: "fill" })
    .toColourspace("srgb")
    .jpeg({ quality: Number(quality) })
    .toFile(target);
}

// In KiB; this program's own where /proc tells it, as resourceUsage includes the process it was forked from.
function peak() {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}

async function main() {
  const todo = JSON.parse(readFileSync(plan));
  if (manner === "one") {
    sharp.concurrency(1);
    sharp.cache(false);
  }
  await render(todo[0]);
  const began = process.cpuUsage();
  if (manner === "all") await Promise.all(todo.map(render));
  else for (const one of todo) await render(one);
  const spent = process.cpuUsage(began);
  console.log(JSON.stringify({ seconds: (spent.user + spent.system) / 1e6, peak: peak() }));
}

main();
