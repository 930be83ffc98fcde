// <footnote-reader data-document="ID" data-page="3" data-words="{...}">: a document to be read at a place.
//
// PDFs as pictures of their pages, everything else as a page of text. `show({document, page, marks})` goes to a place:
// marks are [{chunk, page, rects, quote, kind: "strong" | "pale"}]. It says "reader:page" when another page is in view.

import { fill, make } from "./common.js";
import { icon, iconButton } from "./reader_icons.js";
import { BETWEEN_QUOTES } from "./reader_marks.js";
import { Pages } from "./reader_pages.js";
import { drawThumbnails } from "./reader_thumbnails.js";
import { Reading } from "./reader_text.js";

const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];
const TYPING_MS = 250;

class Reader extends HTMLElement {
	static observedAttributes = ["data-document", "data-page"];

	connectedCallback() {
		if (this.body) return;
		this.words = JSON.parse(this.dataset.words || "{}");
		this.zoom = 1;
		this.drawFrame();
		this.follow();
	}

	disconnectedCallback() {
		queueMicrotask(() => this.isConnected || this.closeView()); // not where it only moves
	}

	attributeChangedCallback(_name, before, now) {
		if (this.body && before !== now && !this.showing) this.follow();
	}

	follow() {
		if (this.dataset.document) this.show({ document: this.dataset.document, page: Number(this.dataset.page) || 1 });
	}

	drawFrame() {
		const { words } = this;
		this.bar = make("div", "", { className: "reader-bar" });
		this.bar.setAttribute("role", "toolbar");
		this.bar.setAttribute("aria-label", words.toolbar);
		this.thumbs = make("nav", "", { className: "thumbs", hidden: true });
		this.thumbs.setAttribute("aria-label", words.thumbnails);
		this.toggle = iconButton("thumbnails", words.thumbnails, () => this.toggleThumbnails());
		this.toggle.setAttribute("aria-expanded", "false");
		this.where = make("span", "", { className: "where" });
		this.scale = make("span", "100 %", { className: "scale" });
		this.link = make("a", "", { className: "icon", target: "_blank", rel: "noopener" });
		this.link.append(icon("open"));
		this.bar.append(
			this.toggle,
			this.where,
			iconButton("smaller", words.smaller, () => this.step(-1)),
			this.scale,
			iconButton("larger", words.larger, () => this.step(1)),
			this.searchForm(),
			this.link,
		);
		this.body = make("div", "", { className: "reader-body", tabIndex: 0 });
		this.body.setAttribute("role", "document");
		this.body.addEventListener("scroll", () => this.scrolled(), { passive: true });
		const middle = make("div", "", { className: "reader-middle" });
		middle.append(this.thumbs, this.body);
		this.replaceChildren(this.bar, middle);
	}

	searchForm() {
		const { words } = this;
		const form = make("form", "", { className: "find" });
		form.setAttribute("role", "search");
		this.query = make("input", "", { type: "search", placeholder: words.find, autocomplete: "off" });
		this.query.setAttribute("aria-label", words.find);
		this.count = make("output", "");
		const arrows = [
			iconButton("previous", words.found_before, () => this.goToFound(this.at - 1)),
			iconButton("next", words.found_after, () => this.goToFound(this.at + 1)),
		];
		form.append(this.query, this.count, ...arrows);
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			clearTimeout(this.typing);
			this.query.value.trim() === this.searched ? this.goToFound(this.at + 1) : this.find();
		});
		this.query.addEventListener("input", () => {
			clearTimeout(this.typing);
			this.typing = setTimeout(() => this.find(), TYPING_MS);
		});
		return form;
	}

	// --- Showing ------------------------------------------------------------------------------

	async show({ document: id, page = 1, marks = [] }) {
		const turn = (this.turn = (this.turn ?? 0) + 1);
		this.showing = true;
		this.dataset.document = id;
		this.dataset.page = page;
		this.showing = false;
		if (id !== this.shown) {
			this.closeView();
			this.body.replaceChildren(make("div", "", { className: "sheet skeleton" }));
			const facts = await this.facts(id);
			if (turn !== this.turn || !facts) return;
			this.begin(id, facts);
		}
		await this.goTo(page, marks).catch((error) => this.say(error.message));
		if (turn === this.turn) this.scrolled();
	}

	async facts(id) {
		const response = await fetch(`/api/documents/${encodeURIComponent(id)}`).catch(() => null);
		if (response?.ok) return response.json();
		this.say(response ? this.words.gone : this.words.lost);
		return null;
	}

	begin(id, facts) {
		this.shown = id;
		this.facts_ = facts;
		const isPdf = facts.pages !== null;
		this.view = isPdf ? new Pages(this.body, id, facts.pages, this.words) : new Reading(this.body, id);
		this.view.setZoom(this.zoom);
		this.body.setAttribute("aria-label", facts.name);
		this.toggle.hidden = !isPdf || facts.pages < 2;
		this.where.hidden = !isPdf;
		this.clearFind();
		if (!this.thumbs.hidden) this.toggleThumbnails();
		const label = isPdf ? this.words.original_at_page : this.words.original;
		this.link.title = label;
		this.link.setAttribute("aria-label", label);
		this.link.toggleAttribute("download", !isPdf);
		this.relink(1);
		this.dispatchEvent(new CustomEvent("reader:opened", { bubbles: true, detail: facts }));
	}

	relink(page) {
		const base = `/documents/${encodeURIComponent(this.shown)}`;
		this.link.href = this.facts_.pages === null ? `${base}/original` : `${base}/view#page=${page}`;
	}

	closeView() {
		this.view?.close();
		this.view = null;
		this.shown = null;
	}

	say(sentence) {
		this.closeView();
		this.body.replaceChildren(make("p", sentence || this.words.no_picture, { className: "failed" }));
	}

	async goTo(page, marks) {
		this.view.setMarks(marks.toSorted((one, other) => (one.kind === "strong") - (other.kind === "strong")));
		const wanted = marks.find((mark) => mark.kind === "strong");
		if (this.view instanceof Pages) {
			await this.view.goTo(wanted?.page ?? page, wanted?.rects ?? []);
			return;
		}
		await this.view.goTo({ chunk: wanted?.chunk });
		if (wanted && !this.view.section(wanted.chunk)) await this.goToWords(wanted.quote);
	}

	// Its passage is gone, because the document was read anew: the words may still be there.
	async goToWords(quote) {
		const [first] = await this.places(quote.split(BETWEEN_QUOTES)[0]);
		if (!first) return;
		this.view.setMarks([{ chunk: first.chunk_id, quote, kind: "strong" }]);
		await this.view.goTo({ chunk: first.chunk_id });
	}

	scrolled() {
		if (!(this.view instanceof Pages)) return;
		const page = this.view.current();
		this.where.textContent = `${page} / ${this.facts_.pages}`;
		if (page === this.inView) return;
		this.inView = page;
		this.relink(page);
		for (const thumb of this.thumbs.children) Number(thumb.dataset.page) === page ? thumb.setAttribute("aria-current", "page") : thumb.removeAttribute("aria-current");
		this.dispatchEvent(new CustomEvent("reader:page", { bubbles: true, detail: { page } }));
	}

	step(by) {
		const at = ZOOMS.findIndex((zoom) => zoom >= this.zoom);
		this.zoom = ZOOMS[Math.min(Math.max(at + by, 0), ZOOMS.length - 1)];
		this.scale.textContent = `${Math.round(this.zoom * 100)} %`;
		this.view?.setZoom(this.zoom);
	}

	toggleThumbnails() {
		this.thumbs.hidden = !this.thumbs.hidden;
		this.toggle.setAttribute("aria-expanded", String(!this.thumbs.hidden));
		if (this.thumbs.hidden) this.thumbs.replaceChildren();
		else drawThumbnails(this.thumbs, this.shown, this.facts_.pages, this.view.current(), this.words, (page) => this.view.goTo(page));
	}

	// --- Searching ----------------------------------------------------------------------------

	async places(words) {
		const address = `/api/documents/${encodeURIComponent(this.shown)}/find?${new URLSearchParams({ q: words })}`;
		const response = await fetch(address).catch(() => null);
		return response?.ok ? (await response.json()).found : [];
	}

	clearFind() {
		this.query.value = "";
		this.found = [];
		this.at = -1;
		this.searched = "";
		this.count.textContent = "";
	}

	async find() {
		const words = this.query.value.trim();
		if (words === this.searched || !this.view) return;
		this.searched = words;
		const found = words ? await this.places(words) : [];
		if (words !== this.searched) return;
		this.found = found;
		if (!found.length) {
			this.count.textContent = words ? this.words.found_none : "";
			this.view instanceof Pages ? this.setFound(-1) : this.view.clearFound();
			return;
		}
		await this.goToFound(0);
	}

	async goToFound(index) {
		if (!this.found?.length) return;
		this.at = (index + this.found.length) % this.found.length;
		this.count.textContent = fill(this.words.found_n, { n: this.at + 1, total: this.found.length });
		const place = this.found[this.at];
		if (this.view instanceof Pages) {
			this.setFound(this.at);
			const [first] = place.anchor.rects;
			if (first) await this.view.goTo(first.page, rectsOn(place.anchor.rects, first.page));
			return;
		}
		const number = this.found.slice(0, this.at).filter((other) => other.chunk_id === place.chunk_id).length;
		await this.view.goToFound({ chunk: place.chunk_id, match: place.match, number });
	}

	setFound(at) {
		const cited = this.view.marks.filter((mark) => mark.kind !== "found" && mark.kind !== "found here");
		const marks = this.found.flatMap(({ anchor }, index) =>
			[...new Set(anchor.rects.map((rect) => rect.page))].map((page) => ({
				page,
				rects: rectsOn(anchor.rects, page),
				kind: index === at ? "found here" : "found",
			})),
		);
		this.view.setMarks([...cited, ...marks]);
	}
}

const rectsOn = (rects, page) =>
	rects.filter((rect) => rect.page === page).map(({ x0, y0, x1, y1 }) => [x0, y0, x1, y1]);

customElements.define("footnote-reader", Reader);
