// The rows of a table that is longer than the page: only those in sight are there, over two spacers for the others.

import { make } from "./common.js";

export const PAGE = 60; // rows that are asked for together
const MARGIN = 12; // rows beyond the edges that are there already

export class RowWindow {
	// `wants(first, count)` is called when rows come into sight that are not known yet.
	constructor(table, wants) {
		this.table = table;
		this.body = table.tBodies[0];
		this.wants = wants;
		this.total = 0;
		this.known = new Map(); // place -> markup
		this.made = new Map(); // markup -> row
		this.above = spacer(table);
		this.below = spacer(table);
		this.onScroll = () => {
			if (!this.frame) this.frame = requestAnimationFrame(() => ((this.frame = 0), this.draw()));
		};
		document.addEventListener("scroll", this.onScroll, { capture: true, passive: true });
		window.addEventListener("resize", this.onScroll);
	}

	end() {
		document.removeEventListener("scroll", this.onScroll, { capture: true });
		window.removeEventListener("resize", this.onScroll);
		cancelAnimationFrame(this.frame);
	}

	// The pages around what is in sight, as [first row, number of rows].
	get range() {
		const [from, to] = this.inSight();
		const first = Math.floor(from / PAGE) * PAGE;
		return [first, Math.max(PAGE, Math.ceil((to - first) / PAGE) * PAGE)];
	}

	// Forgets every row; those in sight stay until new ones come.
	forget() {
		this.known.clear();
	}

	// Takes rows in from place `offset` on; what else was known is forgotten where something `changed`.
	take({ total, offset, rows }, changed) {
		if (changed) this.known.clear();
		this.total = total;
		rows.forEach((html, place) => this.known.set(offset + place, html));
		this.draw();
	}

	inSight() {
		const height = this.rowHeight();
		const top = this.body.getBoundingClientRect().top;
		const from = Math.max(0, Math.floor(-top / height) - MARGIN);
		const to = Math.min(this.total, Math.ceil((window.innerHeight - top) / height) + MARGIN);
		return [Math.min(from, Math.max(0, this.total - 1)), Math.max(from, to)];
	}

	rowHeight() {
		return Number.parseFloat(getComputedStyle(this.table).getPropertyValue("--row")) || 48;
	}

	draw() {
		if (!this.table.isConnected || this.table.offsetParent === null) return;
		const [from, to] = this.inSight();
		const height = this.rowHeight();
		const made = new Map();
		const rows = [];
		for (let place = from; place < to; place += 1) {
			const html = this.known.get(place);
			const row = html === undefined ? skeleton(place, this.table) : (this.made.get(html) ?? parsed(html));
			row.setAttribute("aria-rowindex", place + 2);
			if (html !== undefined) made.set(html, row);
			rows.push(row);
		}
		this.made = made;
		this.above.firstChild.style.height = `${from * height}px`;
		this.below.firstChild.style.height = `${Math.max(0, this.total - to) * height}px`;
		place(this.body, [this.above, ...rows, this.below]);
		this.table.setAttribute("aria-rowcount", this.total + 1);
		this.table.dispatchEvent(new Event("rows"));
		const lacking = rows.some((row) => row.className === "waiting");
		if (lacking) this.wants(...this.range);
	}
}

// Puts `rows` into `body` and touches none that stands where it should, so that focus and menus stay.
function place(body, rows) {
	const wanted = new Set(rows);
	for (const row of [...body.children]) if (!wanted.has(row)) row.remove();
	rows.forEach((row, at) => {
		if (body.children[at] !== row) body.insertBefore(row, body.children[at] ?? null);
	});
}

function parsed(html) {
	const fresh = document.createElement("template");
	fresh.innerHTML = html;
	return fresh.content.firstElementChild;
}

const columns = (table) => table.tHead.rows[0].cells.length;

function spacer(table) {
	const row = make("tr", "", { className: "spacer" });
	row.setAttribute("aria-hidden", "true");
	row.append(make("td", "", { colSpan: columns(table) }));
	return row;
}

function skeleton(place, table) {
	const row = make("tr", "", { className: "waiting" });
	row.setAttribute("aria-hidden", "true");
	row.append(make("td", "", { colSpan: columns(table) }));
	return row;
}
