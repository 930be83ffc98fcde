// A document without pages as a page to read: a piece at a time, more of it where the end of a piece comes near.

import { make } from "./common.js";
import { markEvery, markQuote, unmark } from "./reader_marks.js";

export class Reading {
	constructor(scroller, documentId) {
		this.scroller = scroller;
		this.address = `/ui/documents/${encodeURIComponent(documentId)}/reading`;
		this.marks = [];
		this.body = make("div", "", { className: "reading" });
		this.above = make("div", "", { className: "more" });
		this.below = make("div", "", { className: "more" });
		scroller.replaceChildren(this.above, this.body, this.below);
		this.range = null;
		this.near = new IntersectionObserver((seen) => this.seen(seen), { root: scroller, rootMargin: "80% 0px" });
	}

	close() {
		this.near.disconnect();
	}

	async fetched(query) {
		const response = await fetch(`${this.address}?${new URLSearchParams(query)}`);
		if (!response.ok) throw new Error((await response.json().catch(() => ({}))).error ?? "");
		return response.json();
	}

	// Shows the piece around a passage, or from a position on.
	async open(query) {
		this.near.disconnect();
		const found = await this.fetched(query);
		this.body.innerHTML = found.html; // made by the server, escaped
		this.range = found;
		this.draw(this.body);
		this.watch();
	}

	watch() {
		this.above.hidden = this.range.start === 0;
		this.below.hidden = this.range.end >= this.range.total;
		for (const end of [this.above, this.below]) if (!end.hidden) this.near.observe(end);
	}

	async seen(entries) {
		const end = entries.find((entry) => entry.isIntersecting)?.target;
		if (!end || this.loading) return;
		this.loading = true;
		this.near.disconnect();
		try {
			await (end === this.below ? this.extend() : this.extendUp());
		} finally {
			this.loading = false;
			this.watch();
		}
	}

	async extend() {
		const found = await this.fetched({ start: this.range.end });
		this.added(found.html, "beforeend");
		this.range.end = found.end;
	}

	async extendUp() {
		const start = Math.max(0, this.range.start - 30);
		const found = await this.fetched({ start, count: this.range.start - start });
		const before = this.scroller.scrollHeight - this.scroller.scrollTop;
		this.added(found.html, "afterbegin");
		this.scroller.scrollTop = this.scroller.scrollHeight - before;
		this.range.start = found.start;
	}

	added(html, where) {
		const piece = make("div", "");
		piece.innerHTML = html;
		this.draw(piece);
		this.body[where === "beforeend" ? "append" : "prepend"](...piece.childNodes);
	}

	// [{chunk, quote, kind}]
	setMarks(marks) {
		this.marks = marks;
		for (const kind of ["strong", "pale"]) unmark(this.body, kind);
		this.draw(this.body);
	}

	draw(element) {
		for (const { chunk, quote, kind } of this.marks) {
			const section = element.querySelector(`[data-chunk="${Number(chunk)}"]`);
			// a passage that was read with its neighbours may be quoted where one of these stands
			if (section && quote && !markQuote(section, quote, kind).length) markQuote(element, quote, kind);
		}
	}

	section(chunk) {
		return this.body.querySelector(`[data-chunk="${Number(chunk)}"]`);
	}

	async goTo({ chunk, position = 0 }) {
		if (!this.section(chunk)) await this.open(chunk ? { chunk, start: position } : { start: position });
		const target = this.body.querySelector("mark.strong") ?? this.section(chunk);
		if (target && chunk) this.place(target);
		else this.scroller.scrollTop = 0;
	}

	place(target) {
		const top = target.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
		this.scroller.scrollTop += top - this.scroller.clientHeight / 3;
	}

	// Marks what was searched for in a passage, and brings the place with this number of it into view.
	async goToFound({ chunk, match, number }) {
		if (!this.section(chunk)) await this.open({ chunk });
		unmark(this.body, "found");
		const places = markEvery(this.section(chunk), match, "found");
		const place = places[Math.min(number, places.length - 1)];
		if (!place?.length) return;
		for (const mark of place) mark.classList.add("here");
		this.place(place[0]);
	}

	clearFound() {
		unmark(this.body, "found");
	}

	setZoom(zoom) {
		this.scroller.style.setProperty("--zoom", zoom);
	}
}
