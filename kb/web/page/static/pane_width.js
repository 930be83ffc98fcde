// The edge of the pane that is drawn to make it wider; this browser keeps how wide it was left.

import { make } from "./common.js";

const KEPT = "footnote.pane";
const LEAST = 320; // pixels
const STEP = 32;

export function draggable(pane, label) {
	const edge = make("div", "", { className: "pane-edge", tabIndex: 0 });
	edge.setAttribute("role", "separator");
	edge.setAttribute("aria-orientation", "vertical");
	edge.setAttribute("aria-label", label);
	const most = () => Math.max(LEAST, innerWidth - 160);

	function widen(width) {
		const fitting = Math.round(Math.min(Math.max(width, LEAST), most()));
		pane.style.setProperty("--pane-width", `${fitting}px`);
		edge.setAttribute("aria-valuenow", String(fitting));
		edge.setAttribute("aria-valuemin", String(LEAST));
		edge.setAttribute("aria-valuemax", String(most()));
		return fitting;
	}

	const keep = (width) => localStorage.setItem(KEPT, String(widen(width)));
	const kept = Number(localStorage.getItem(KEPT));
	edge.setAttribute("aria-valuenow", String(kept || LEAST));
	if (kept) widen(kept);

	edge.addEventListener("pointerdown", (event) => {
		event.preventDefault();
		edge.setPointerCapture(event.pointerId);
		pane.classList.add("is-dragged");
	});
	edge.addEventListener("pointermove", (event) => {
		if (edge.hasPointerCapture(event.pointerId)) widen(innerWidth - event.clientX);
	});
	edge.addEventListener("pointerup", (event) => {
		edge.releasePointerCapture(event.pointerId);
		pane.classList.remove("is-dragged");
		keep(pane.getBoundingClientRect().width);
	});
	edge.addEventListener("keydown", (event) => {
		const by = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
		if (!by) return;
		event.preventDefault();
		keep(pane.getBoundingClientRect().width + by);
	});
	edge.addEventListener("dblclick", () => {
		pane.style.removeProperty("--pane-width");
		localStorage.removeItem(KEPT);
	});
	return edge;
}
