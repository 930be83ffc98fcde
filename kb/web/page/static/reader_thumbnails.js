// Small pictures of the pages of a PDF; one is drawn when it comes into view.

import { fill, make } from "./common.js";
import { picture } from "./reader_pictures.js";

const WIDTH = 160;

export function drawThumbnails(list, documentId, count, current, words, go) {
	const base = `/documents/${encodeURIComponent(documentId)}/pages/`;
	const stop = new AbortController();
	const near = new IntersectionObserver(
		(seen) => {
			for (const { target, isIntersecting } of seen) {
				if (!isIntersecting) continue;
				near.unobserve(target);
				draw(target);
			}
		},
		{ root: list, rootMargin: "50% 0px" },
	);

	async function draw(button) {
		const made = await picture(`${base}${button.dataset.page}.png?width=${WIDTH}`, stop.signal).catch(() => null);
		if (!made) return;
		const image = make("img", "", { src: made.address, alt: "" });
		image.addEventListener("load", () => URL.revokeObjectURL(made.address), { once: true });
		button.prepend(image);
	}

	const buttons = Array.from({ length: count }, (_, index) => {
		const page = index + 1;
		const button = make("button", "", { type: "button", className: "thumb" });
		button.dataset.page = page;
		button.setAttribute("aria-label", fill(words.page, { page }));
		button.append(make("span", String(page)));
		button.addEventListener("click", () => go(page));
		if (page === current) button.setAttribute("aria-current", "page");
		near.observe(button);
		return button;
	});
	list.replaceChildren(...buttons);
	buttons[current - 1]?.scrollIntoView({ block: "center" });
}
