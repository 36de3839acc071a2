// Unpacks the browser of the installed package into the folder given; none of the package's own code runs.
import { spawnSync } from "node:child_process";
import { chmodSync, createReadStream, createWriteStream, mkdirSync, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const [, , packed, target] = process.argv;
mkdirSync(target, { recursive: true });
for (const name of ["chromium", "al2023.tar", "fonts.tar"]) {
  const file = `${target}/${name}`;
  await pipeline(createReadStream(`${packed}/${name}.br`), createBrotliDecompress(), createWriteStream(file));
  if (!name.endsWith(".tar")) continue;
  const { status } = spawnSync("tar", ["-xf", file, "-C", target], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  rmSync(file);
}
chmodSync(`${target}/chromium`, 0o755);
