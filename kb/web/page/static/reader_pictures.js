// Pictures of pages, a few at a time; what is no longer wanted is not fetched.

import { sleep } from "./common.js";

const AT_ONCE = 3;
const TRIES = 5;

let running = 0;
const waiting = [];

function pump() {
	while (running < AT_ONCE && waiting.length) {
		const task = waiting.pop(); // what was asked for last is what is looked at
		if (task.signal.aborted) continue;
		running++;
		task.run().finally(() => {
			running--;
			pump();
		});
	}
}

// {address of a blob, width and height in pixels, width in points or null}; throws a sentence, or AbortError.
export function picture(address, signal) {
	return new Promise((done, fail) => {
		signal.addEventListener("abort", () => fail(signal.reason), { once: true });
		waiting.push({ signal, run: () => fetched(address, signal).then(done, fail) });
		pump();
	});
}

async function fetched(address, signal) {
	for (let tried = 1; ; tried++) {
		const response = await fetch(address, { signal });
		if (response.ok) return measured(await response.arrayBuffer());
		if (response.status !== 503 || tried === TRIES) {
			const body = await response.json().catch(() => ({}));
			throw new Error(body.error ?? "");
		}
		await sleep(500 * tried);
	}
}

// The size in a PNG's header, and its scale (pHYs, pixels per metre), from which points are known.
function measured(buffer) {
	const view = new DataView(buffer);
	const width = view.getUint32(16);
	const height = view.getUint32(20);
	let points = null;
	for (let at = 8; at + 12 <= view.byteLength && points === null; at += 12 + view.getUint32(at)) {
		const kind = String.fromCharCode(...new Uint8Array(buffer, at + 4, 4));
		if (kind === "pHYs") points = (width * 72) / (view.getUint32(at + 8) * 0.0254);
		if (kind === "IDAT") break;
	}
	return { address: URL.createObjectURL(new Blob([buffer], { type: "image/png" })), width, height, points };
}
