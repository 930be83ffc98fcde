// The pages of a PDF below each other: a skeleton of the right shape until its picture is there.

import { fill, make } from "./common.js";
import { picture } from "./reader_pictures.js";

const WIDTHS = [600, 1000, 1400, 1800, 2400]; // few, so that the browser's own store of pictures is used
const USUAL_SHAPE = Math.SQRT2; // a sheet of A4, until a page was seen

export class Pages {
	constructor(scroller, documentId, count, words) {
		this.scroller = scroller;
		this.base = `/documents/${encodeURIComponent(documentId)}/pages/`;
		this.words = words;
		this.marks = [];
		this.zoom = 1;
		this.shape = USUAL_SHAPE;
		this.loads = new Map();
		this.pages = Array.from({ length: count }, (_, index) => this.frame(index + 1));
		scroller.replaceChildren(...this.pages);
		scroller.classList.add("of-pages");
		this.near = new IntersectionObserver((seen) => this.seen(seen), { root: scroller, rootMargin: "60% 0px" });
		for (const page of this.pages) this.near.observe(page);
	}

	frame(number) {
		const page = make("div", "", { className: "sheet" });
		page.dataset.page = number;
		page.setAttribute("role", "img");
		page.setAttribute("aria-label", fill(this.words.page, { page: number }));
		page.style.aspectRatio = `1 / ${this.shape}`;
		return page;
	}

	close() {
		this.near.disconnect();
		for (const page of this.pages) this.drop(page);
		this.scroller.classList.remove("of-pages");
	}

	seen(entries) {
		for (const { target, isIntersecting } of entries) isIntersecting ? this.load(target) : this.drop(target);
	}

	width() {
		const wanted = this.scroller.clientWidth * this.zoom * Math.min(devicePixelRatio, 2);
		return WIDTHS.find((width) => width >= wanted) ?? WIDTHS.at(-1);
	}

	load(page) {
		const width = this.width();
		const known = this.loads.get(page);
		if (known && known.width >= width) return known.done;
		known?.stop.abort(new DOMException("larger", "AbortError"));
		const stop = new AbortController();
		const load = { width, stop, address: known?.address };
		this.loads.set(page, load);
		load.done = picture(`${this.base}${page.dataset.page}.png?width=${width}`, stop.signal).then(
			(made) => this.shown(page, load, made),
			(error) => error.name === "AbortError" || this.failed(page, error.message),
		);
		return load.done;
	}

	shown(page, load, made) {
		if (load.stop.signal.aborted) return URL.revokeObjectURL(made.address);
		if (load.address) URL.revokeObjectURL(load.address);
		load.address = made.address;
		page.points = made.points;
		this.reshape(page, made.height / made.width);
		const image = make("img", "", { src: made.address, alt: "", draggable: false });
		page.querySelector("img")?.remove();
		page.querySelector(".failed")?.remove();
		page.prepend(image);
		page.classList.add("is-drawn");
		this.draw(page);
		return image.decode().catch(() => {});
	}

	// The first page that is seen gives its shape to those that nobody saw yet.
	reshape(page, shape) {
		page.style.aspectRatio = `1 / ${shape}`;
		if (this.shape !== USUAL_SHAPE || Math.abs(shape - this.shape) < 0.001) return;
		this.shape = shape;
		for (const other of this.pages) if (!other.points) other.style.aspectRatio = `1 / ${shape}`;
	}

	failed(page, sentence) {
		this.loads.delete(page);
		page.querySelector(".failed")?.remove();
		page.append(make("p", sentence || this.words.no_picture, { className: "failed" }));
	}

	drop(page) {
		const load = this.loads.get(page);
		if (!load) return;
		load.stop.abort(new DOMException("left", "AbortError"));
		if (load.address) URL.revokeObjectURL(load.address);
		this.loads.delete(page);
		page.querySelector("img")?.remove();
		page.classList.remove("is-drawn");
	}

	// [{page, rects: [[x0, y0, x1, y1], ...] in points, kind}]; what comes later lies above.
	setMarks(marks) {
		this.marks = marks;
		for (const page of this.pages) if (page.points) this.draw(page);
	}

	draw(page) {
		for (const old of page.querySelectorAll(".hl")) old.remove();
		if (!page.points) return;
		const high = page.points * Number(page.style.aspectRatio.split("/")[1]);
		const boxes = this.marks
			.filter((mark) => mark.page === Number(page.dataset.page))
			.flatMap((mark) => mark.rects.map((rect) => box(rect, mark.kind, page.points, high)));
		page.append(...boxes);
	}

	// Brings a page, or the first of its rectangles, into view: a third of the window from the top.
	async goTo(number, rects = []) {
		const page = this.pages[Math.min(Math.max(number, 1), this.pages.length) - 1];
		if (!page) return;
		this.place(page, rects);
		await this.load(page);
		this.place(page, rects); // now that its shape is known
	}

	place(page, rects) {
		const top = page.offsetTop;
		if (!rects.length) {
			this.scroller.scrollTop = top - 8;
			return;
		}
		const scale = page.points ? page.clientWidth / page.points : page.clientWidth / 600;
		const [x0, y0, x1] = rects[0];
		this.scroller.scrollTop = top + y0 * scale - this.scroller.clientHeight / 3;
		const middle = page.offsetLeft + ((x0 + x1) / 2) * scale;
		this.scroller.scrollLeft = middle - this.scroller.clientWidth / 2;
	}

	// The page whose middle part is in view.
	current() {
		const middle = this.scroller.scrollTop + this.scroller.clientHeight / 2;
		const found = this.pages.findLast((page) => page.offsetTop <= middle);
		return found ? Number(found.dataset.page) : 1;
	}

	setZoom(zoom) {
		const at = this.current();
		const page = this.pages[at - 1];
		const within = page ? (this.scroller.scrollTop - page.offsetTop) / page.clientHeight : 0;
		this.zoom = zoom;
		this.scroller.style.setProperty("--zoom", zoom);
		if (page) this.scroller.scrollTop = page.offsetTop + within * page.clientHeight;
		for (const drawn of this.loads.keys()) this.load(drawn);
	}
}

function box([x0, y0, x1, y1], kind, wide, high) {
	const mark = make("div", "", { className: `hl ${kind}` });
	const share = (points, whole) => `${(100 * points) / whole}%`;
	Object.assign(mark.style, {
		left: share(Math.min(x0, x1) - 1.5, wide),
		top: share(Math.min(y0, y1) - 0.75, high),
		width: share(Math.abs(x1 - x0) + 3, wide),
		height: share(Math.abs(y1 - y0) + 1.5, high),
	});
	return mark;
}
