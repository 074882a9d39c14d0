// A headless Chromium that is driven through two pipes, in the DevTools protocol: one JSON
// message after the other, each ended by a NUL. Nothing but node's own modules.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PATIENCE_MS = 60000; // no promise, only the moment to give up

export class Chromium {
	constructor(program = "chromium") {
		this.profile = mkdtempSync(join(tmpdir(), "leakdog-browser-"));
		// It must ask nobody for anything: neither its maker nor a page.
		this.child = spawn(
			program,
			[
				"--headless",
				"--no-sandbox",
				"--disable-gpu",
				"--disable-quic",
				"--no-first-run",
				"--disable-background-networking",
				"--disable-component-update",
				"--disable-sync",
				"--disable-extensions",
				"--disable-dev-shm-usage",
				"--hide-scrollbars",
				"--force-color-profile=srgb",
				`--user-data-dir=${this.profile}`,
				"--remote-debugging-pipe",
				"about:blank",
			],
			{ stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"], detached: true },
		);
		this.next = 1;
		this.waiting = new Map();
		this.listeners = [];
		let rest = Buffer.alloc(0);
		this.child.stdio[4].on("data", (bytes) => {
			rest = Buffer.concat([rest, bytes]);
			for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1))
				this.take(JSON.parse(rest.subarray(0, end)));
		});
		this.child.stdio[3].on("error", () => {});
		this.child.on("exit", () => {
			for (const { reject } of this.waiting.values()) reject(new Error("chromium has ended"));
		});
	}

	take(message) {
		if (!message.id) return this.listeners.forEach((listen) => listen(message));
		const { resolve, reject } = this.waiting.get(message.id);
		this.waiting.delete(message.id);
		if (message.error) reject(new Error(message.error.message));
		else resolve(message.result);
	}

	ask(method, params = {}, sessionId = undefined) {
		const id = this.next++;
		this.child.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), PATIENCE_MS);
			this.waiting.set(id, {
				resolve: (result) => (clearTimeout(timer), resolve(result)),
				reject: (error) => (clearTimeout(timer), reject(error)),
			});
		});
	}

	async open() {
		const { targetId } = await this.ask("Target.createTarget", { url: "about:blank" });
		const { sessionId } = await this.ask("Target.attachToTarget", { targetId, flatten: true });
		return new Tab(this, sessionId, targetId);
	}

	async close() {
		const gone = new Promise((resolve) => this.child.on("exit", resolve));
		try {
			process.kill(-this.child.pid, "SIGKILL"); // the whole group of it
		} catch {
			// it is gone
		}
		await gone;
		rmSync(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
	}
}

// One page and all that it complains about or asks for.
class Tab {
	constructor(browser, session, target) {
		Object.assign(this, { browser, session, target, troubles: [], requests: [], loaded: null });
		browser.listeners.push(
			(message) => message.sessionId === session && this.hear(message.method, message.params),
		);
	}

	ask(method, params) {
		return this.browser.ask(method, params, this.session);
	}

	hear(method, params) {
		if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type))
			this.troubles.push(
				"console: " + params.args.map((arg) => arg.value ?? arg.description).join(" "),
			);
		else if (method === "Runtime.exceptionThrown")
			this.troubles.push(
				"exception: " +
					(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text),
			);
		else if (method === "Log.entryAdded" && params.entry.level !== "verbose")
			this.troubles.push(`${params.entry.source}: ${params.entry.text}`); // CSP as well
		else if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
		else if (method === "Page.javascriptDialogOpening") this.troubles.push("dialog: " + params.message);
		else if (method === "Page.loadEventFired") this.loaded?.();
	}

	async load(url, { width = 1280, height = 900, dark = false, phone = false, scripts = true } = {}) {
		for (const domain of ["Page", "Runtime", "Log", "Network"]) await this.ask(domain + ".enable");
		await this.ask("Emulation.setDeviceMetricsOverride", {
			width,
			height,
			deviceScaleFactor: phone ? 2 : 1,
			mobile: phone,
		});
		await this.ask("Emulation.setEmulatedMedia", {
			features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }],
		});
		await this.ask("Emulation.setScriptExecutionDisabled", { value: !scripts });
		const loaded = new Promise((resolve) => (this.loaded = resolve));
		const begin = performance.now();
		await this.ask("Page.navigate", { url });
		await loaded;
		return performance.now() - begin;
	}

	// The value of an expression in the page; promises are waited for.
	async value(expression) {
		const { result, exceptionDetails } = await this.ask("Runtime.evaluate", {
			expression,
			awaitPromise: true,
			returnByValue: true,
			userGesture: true,
		});
		if (exceptionDetails)
			throw new Error(
				`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`,
			);
		return result.value;
	}

	// As a finger or a mouse would: where the element is.
	async click(selector, dx = 0.5, dy = 0.5) {
		const { x, y } = await this.value(`(() => {
			const element = document.querySelector(${JSON.stringify(selector)});
			element.scrollIntoView({ block: "center" });
			const box = element.getBoundingClientRect();
			return { x: box.x + box.width * ${dx}, y: box.y + box.height * ${dy} };
		})()`);
		for (const type of ["mouseMoved", "mousePressed", "mouseReleased"])
			await this.ask("Input.dispatchMouseEvent", {
				type,
				x,
				y,
				button: "left",
				clickCount: type === "mouseMoved" ? 0 : 1,
			});
	}

	async key(key, text = undefined) {
		const codes = {
			Enter: 13,
			Escape: 27,
			ArrowLeft: 37,
			ArrowUp: 38,
			ArrowRight: 39,
			ArrowDown: 40,
			Tab: 9,
		};
		const event = { key, text, windowsVirtualKeyCode: codes[key] ?? key.toUpperCase().charCodeAt(0) };
		await this.ask("Input.dispatchKeyEvent", { type: "keyDown", ...event });
		await this.ask("Input.dispatchKeyEvent", { type: "keyUp", ...event });
	}

	async type(text) {
		await this.ask("Input.insertText", { text });
	}

	async picture(whole = true) {
		const { data } = await this.ask("Page.captureScreenshot", {
			format: "png",
			captureBeyondViewport: whole,
			clip: whole ? await this.wholePage() : undefined,
		});
		return Buffer.from(data, "base64");
	}

	async wholePage() {
		const {
			cssContentSize: { width, height },
		} = await this.ask("Page.getLayoutMetrics");
		return { x: 0, y: 0, width, height: Math.min(height, 12000), scale: 1 };
	}

	async pdf() {
		const { data } = await this.ask("Page.printToPDF", { printBackground: false });
		return Buffer.from(data, "base64");
	}

	close() {
		return this.browser.ask("Target.closeTarget", { targetId: this.target });
	}
}
