// The pane beside the conversation: the sources of an answer, and the reader at the place of a footnote.
//
// It lies over the page and takes no room from the text, so that opening it moves nothing.

import { fill, make } from "./common.js";
import { draggable } from "./pane_width.js";
import "./reader.js";
import { iconButton } from "./reader_icons.js";

const WIDE = matchMedia("(min-width: 68.01rem)");

const words = fetch("/ui/words/sources").then((response) => response.json());
const turnOf = (id) => id.slice(0, id.lastIndexOf("-"));
const sourcesOf = (turn) => document.getElementById(`${turn}-sources`);
const marksOf = (turn) => JSON.parse(sourcesOf(turn)?.dataset.marks ?? "[]");

class Pane {
	constructor(said) {
		this.words = said.pane;
		this.turn = null; // the question whose sources are shown
		this.at = null; // the mark or the source that is open in the reader; null shows the list
		this.back = null; // the id of what has the focus again afterwards
		this.dismissed = false;
		this.draw(said.reader);
		document.addEventListener("click", (event) => this.clicked(event));
		document.addEventListener("keydown", (event) => this.pressed(event));
		new MutationObserver(() => this.later()).observe(document.body, { childList: true, subtree: true });
		WIDE.addEventListener("change", () => this.sync());
		this.sync();
	}

	draw(readerWords) {
		const said = this.words;
		this.element = make("aside", "", { className: "pane", hidden: true, id: "pane" });
		this.element.setAttribute("aria-label", said.sources);
		this.title = make("h2", said.sources);
		this.toList = iconButton("back", said.back, () => this.showList());
		this.previous = iconButton("previous", said.previous_source, () => this.step(-1));
		this.following = iconButton("next", said.next_source, () => this.step(1));
		this.nth = make("span", "", { className: "nth" });
		const head = make("header", "");
		head.append(this.toList, this.title, this.nth, this.previous, this.following, iconButton("close", said.close, () => this.close()));
		this.list = make("div", "", { className: "pane-list", tabIndex: -1 });
		this.reader = make("footnote-reader", "");
		this.reader.dataset.words = JSON.stringify(readerWords);
		this.element.append(draggable(this.element, said.width), head, this.list, this.reader);
	}

	// --- What stands on the page ----------------------------------------------------------------

	later() {
		if (this.waits) return;
		this.waits = true;
		requestAnimationFrame(() => {
			this.waits = false;
			this.sync();
		});
	}

	// The newest answer's sources, unless those of another are open; what Gradio drew anew is marked again.
	sync() {
		const home = document.getElementById("tab-ask");
		if (home && this.element.parentElement !== home) home.append(this.element);
		const newest = document.querySelector("#current-sources aside.sources")?.id.replace(/-sources$/, "") ?? null;
		const asked = document.querySelector("#current .question")?.id ?? null;
		if (asked !== this.asked) {
			this.asked = asked;
			this.turn = newest;
			this.dismissed = false;
			this.at = null;
		}
		if (!this.turn || !sourcesOf(this.turn)) this.turn = newest;
		this.element.hidden = !this.turn || (this.at === null && (!WIDE.matches || this.dismissed) && !this.opened);
		this.refill();
		this.markOpen();
	}

	refill() {
		const source = this.turn && sourcesOf(this.turn);
		if (!source || source === this.filled?.source) return;
		if (this.filled?.turn === this.turn && this.filled.html === source.innerHTML) {
			this.filled.source = source; // drawn anew, and the same: what is being clicked stays
			return;
		}
		const same = this.filled?.turn === this.turn;
		const [scroll, also] = [this.list.scrollTop, this.list.querySelector("details.also")?.open];
		const copy = source.cloneNode(true);
		for (const entry of copy.querySelectorAll("[id]")) entry.removeAttribute("id");
		this.list.replaceChildren(...copy.childNodes);
		if (same && also) this.list.querySelector("details.also")?.setAttribute("open", "");
		this.list.scrollTop = same ? scroll : 0;
		this.filled = { source, turn: this.turn, html: source.innerHTML };
		if (this.at === null) this.title.textContent = source.dataset.title;
	}

	markOpen() {
		for (const mark of document.querySelectorAll("a.fn.is-open")) if (mark.id !== this.at) mark.classList.remove("is-open");
		if (this.at && !this.element.hidden) document.getElementById(this.at)?.classList.add("is-open");
	}

	// --- Opening and closing --------------------------------------------------------------------

	clicked(event) {
		const mark = event.target.closest?.("a[data-mark]");
		const opener = event.target.closest?.("[data-open]");
		const list = event.target.closest?.("[data-sources]");
		if (!mark && !opener && !list) return;
		event.preventDefault();
		if (list) return this.showList(list.dataset.sources, list);
		const id = mark?.dataset.mark ?? opener.dataset.open;
		const inPane = this.element.contains(event.target);
		if (!inPane) this.back = mark ?? opener;
		this.open(id);
	}

	open(id) {
		const turn = turnOf(id);
		const marks = marksOf(turn);
		const source = document.getElementById(id);
		const places = marks.find((one) => one.mark === id)?.places ?? JSON.parse(source?.dataset.places ?? "[]");
		if (!places.length) return this.showList(turn);
		this.turn = turn;
		this.at = id;
		this.dismissed = false;
		this.element.hidden = false;
		this.element.classList.add("is-reading");
		this.refill();
		this.title.textContent = places[0].name;
		this.count(marks);
		this.markOpen();
		const own = new Set(places.map((place) => `${place.chunk} ${place.page} ${place.quote}`));
		const others = marks
			.flatMap((one) => one.places)
			.filter((place) => place.document === places[0].document && !own.has(`${place.chunk} ${place.page} ${place.quote}`));
		this.reader.show({
			document: places[0].document,
			page: places[0].page,
			marks: [...others.map((place) => ({ ...place, kind: "pale" })), ...places.map((place) => ({ ...place, kind: "strong" }))],
		});
		this.reader.querySelector(".reader-body")?.focus({ preventScroll: true });
	}

	count(marks) {
		const at = marks.findIndex((one) => one.mark === this.at);
		const known = at >= 0 && marks.length > 1;
		this.nth.textContent = known ? `${at + 1} / ${marks.length}` : "";
		this.nth.setAttribute("aria-label", known ? fill(this.words.nth_source, { n: at + 1, total: marks.length }) : "");
		for (const button of [this.previous, this.following]) button.hidden = !known;
		this.previous.disabled = at <= 0;
		this.following.disabled = at >= marks.length - 1;
	}

	step(by) {
		const marks = marksOf(this.turn);
		const next = marks[marks.findIndex((one) => one.mark === this.at) + by];
		if (!next) return;
		this.back = document.getElementById(next.mark);
		this.open(next.mark);
		this.back?.scrollIntoView({ block: "nearest" });
	}

	showList(turn = this.turn, opener = null) {
		if (opener) this.back = opener;
		this.at = null;
		this.turn = turn;
		this.opened = true;
		this.dismissed = false;
		this.element.hidden = false;
		this.element.classList.remove("is-reading");
		this.filled = null;
		this.sync();
		this.list.focus({ preventScroll: true });
	}

	// Leaves the reader for what was clicked; where there is room the list stays.
	close() {
		this.dismissed = this.at === null;
		this.opened = false;
		this.at = null;
		this.element.classList.remove("is-reading");
		this.filled = null;
		this.sync();
		this.focusBack();
	}

	focusBack() {
		const back = this.back?.isConnected ? this.back : document.getElementById(this.back?.id ?? "");
		back?.focus({ preventScroll: true });
		back?.scrollIntoView({ block: "nearest" });
	}

	pressed(event) {
		if (event.key !== "Escape" || this.element.hidden || document.querySelector("dialog[open]")) return;
		if (event.defaultPrevented) return;
		const field = event.target.closest?.("input, textarea");
		if (field && (field.value || !this.element.contains(field))) return; // the browser empties it, or it has its own
		event.preventDefault();
		this.close();
	}
}

words.then((said) => new Pane(said)).catch(() => {}); // without the server there is nothing to open either
