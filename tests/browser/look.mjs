// node look.mjs REPORT.html DIRECTORY: pictures of a report as people see it, for people
// to look at: light, dark, phone, and printed (a PDF).
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Chromium } from "./chromium.mjs";

const [page, to] = process.argv.slice(2);
const url = pathToFileURL(resolve(page)).href;
const looks = { light: {}, dark: { dark: true }, phone: { width: 390, height: 844, phone: true } };
const browser = new Chromium();
try {
	for (const [name, look] of Object.entries(looks)) {
		const tab = await browser.open();
		await tab.load(url, look);
		writeFileSync(`${to}/${name}.png`, await tab.picture());
		if (name === "light") writeFileSync(`${to}/print.pdf`, await tab.pdf());
		for (const trouble of tab.troubles) console.log(trouble);
		await tab.close();
	}
} finally {
	await browser.close();
}
