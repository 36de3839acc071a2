// Builds the page into the folder given first: index.html, hashed assets, and the operations that it may call.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [, , target, document] = process.argv;
const home = dirname(fileURLToPath(import.meta.url));
rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, "assets"), { recursive: true });
const result = await build({
  entryPoints: { main: join(home, "src/main.tsx"), styles: join(home, "styles/index.css") },
  outdir: join(target, "assets"),
  entryNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  metafile: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
});
const built = Object.keys(result.metafile.outputs).map((path) => `/assets/${basename(path)}`);
const page = readFileSync(join(home, "index.html"), "utf8")
  .replace("STYLES", built.find((path) => path.endsWith(".css")))
  .replace("SCRIPT", built.find((path) => path.endsWith(".js")));
writeFileSync(join(target, "index.html"), page);
const { paths } = JSON.parse(readFileSync(document, "utf8"));
const operations = Object.entries(paths).map(([path, methods]) => [path, Object.keys(methods)]);
writeFileSync(join(target, "operations.json"), JSON.stringify(Object.fromEntries(operations)));
