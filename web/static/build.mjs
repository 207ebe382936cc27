// Bundles web/static/src into web/static/dist, from where the Go binary embeds
// it. `npm run build` for a release, `npm run watch` while working.
import * as esbuild from "esbuild";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const options = {
  entryPoints: [here("src/app.css"), here("src/app.ts"), here("src/icon.svg")],
  outdir: here("dist"),
  bundle: true,
  minify: true,
  loader: { ".svg": "copy" },
  format: "esm",
  charset: "utf8",
  legalComments: "none",
  // Anything older does not know light-dark(), popover or CSS nesting.
  target: ["chrome125", "firefox129", "safari17.5"],
  // The nesting and light-dark() of the source are shipped as written.
  supported: { nesting: true },
  logLevel: "info",
};

if (process.argv.includes("--watch")) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  await esbuild.build(options);
}
