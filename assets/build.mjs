// Builds static/dist/editor.js, the template of its texts, and static/dist/modeler.js with its styles and font. The same
// source gives the same bytes.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "../static/dist");

const options = {
  absWorkingDir: here,
  outdir: dist,
  bundle: true,
  format: "esm",
  target: ["chrome111", "firefox115", "safari16.4"],
  minify: true,
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};

for (const name of ["editor", "modeler"]) {
  const { metafile } = await build({
    ...options,
    entryPoints: { [name]: `src/${name}.js` },
    loader: { ".woff2": "file" },
    assetNames: "[name]",
    publicPath: ".",
  });
  await writeFile(join(dist, `${name}.licences.txt`), await licencesOf(metafile));
  const bytes = await readFile(join(dist, `${name}.js`));
  console.log(`${name}.js ${(bytes.length / 1000).toFixed(1)} kB, ${(gzipSync(bytes).length / 1000).toFixed(1)} kB compressed`);
}

// Whose work is inside, with the licence each asks to be kept.
async function licencesOf(metafile) {
  const packages = new Set(Object.keys(metafile.inputs).map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean));
  const licences = [];
  for (const name of [...packages].sort()) {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? (await readFile(join(folder, file), "utf8")).trim() : `Licence: ${license}`;
    licences.push(`${name} ${version}\n\n${text}\n`);
  }
  return licences.join(`\n${"-".repeat(60)}\n`);
}

// Each English text once, in the JSON file; the template only hands it to the translator.
const strings = JSON.parse(await readFile(join(here, "src/strings.en.json"), "utf8"));
const lines = Object.entries(strings).map(([key, text]) => {
  const said = `"{% filter escapejs %}{% translate ${quoted(text)} %}{% endfilter %}"`;
  return `"${key}":${key.length + said.length > 115 ? "\n  " : " "}${said}`; // lines that people can read
});
const head = "{% comment %}Made by `npm run build` from assets/src/strings.en.json: change the text there.{% endcomment %}";
await writeFile(join(here, "../templates/sops/_editor_strings.html"), `{% load i18n %}${head}{\n${lines.join(",\n")}\n}\n`);

function quoted(text) {
  if (text.includes('"')) throw new Error(`A text may not hold a straight quotation mark: ${text}`);
  return `"${text}"`;
}
