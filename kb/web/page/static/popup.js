// Small boxes that open beside a button: a click elsewhere or Esc closes them, and focus returns to the button.

import { make } from "./common.js";

let closeOpened = null;

// Closes what is open, if anything is.
export const close = () => closeOpened?.();

// Shows `box` as what `button` opened; returns what closes it.
export function open(button, box, { onClose = () => {} } = {}) {
	closeOpened?.();
	box.hidden = false;
	button.setAttribute("aria-expanded", "true");
	const close = ({ focus = false } = {}) => {
		box.hidden = true;
		button.setAttribute("aria-expanded", "false");
		document.removeEventListener("pointerdown", outside, true);
		document.removeEventListener("keydown", escape, true);
		closeOpened = null;
		onClose();
		if (focus && button.isConnected) button.focus();
	};
	const outside = (event) => {
		if (!box.contains(event.target) && !button.contains(event.target)) close();
	};
	const escape = (event) => {
		if (event.key !== "Escape") return;
		event.stopPropagation();
		close({ focus: true });
	};
	document.addEventListener("pointerdown", outside, true);
	document.addEventListener("keydown", escape, true);
	closeOpened = close;
	return close;
}

// Opens a menu of [text, act, danger] below `button`; `chosen(act)` is called with the one that was pressed.
export function openMenu(button, label, items, chosen) {
	const menu = make("div", "", { className: "popup-menu" });
	menu.setAttribute("role", "menu");
	menu.setAttribute("aria-label", label);
	for (const [text, act, danger] of items) {
		const item = make("button", text, { type: "button", className: danger ? "danger" : "", tabIndex: -1 });
		item.setAttribute("role", "menuitem");
		item.addEventListener("click", () => {
			close({ focus: true });
			chosen(act);
		});
		menu.append(item);
	}
	const close = float(button, menu, (at) => Math.min(at.right, window.innerWidth - 8) - menu.offsetWidth);
	menu.addEventListener("keydown", (event) => moved(event, menu, close));
	menu.firstElementChild.focus({ preventScroll: true });
}

// Shows a sentence of the server (`markup`) below the button that has no room for it, with buttons of [text, act].
export function openNote(button, label, markup, acts) {
	if (button.getAttribute("aria-expanded") === "true") return close();
	const note = make("div", "", { className: "popup-note", tabIndex: -1 });
	note.setAttribute("role", "dialog");
	note.setAttribute("aria-label", label);
	const said = make("p", "");
	said.innerHTML = markup;
	note.append(said);
	for (const [text, act] of acts) {
		const does = make("button", text, { type: "button" });
		does.addEventListener("click", () => {
			closeNote({ focus: true });
			act();
		});
		note.append(does);
	}
	const closeNote = float(button, note, (at) => Math.min(at.left, window.innerWidth - 8 - note.offsetWidth));
	note.addEventListener("focusout", ({ relatedTarget: to }) => to && to !== button && !note.contains(to) && closeNote());
	note.focus({ preventScroll: true });
}

// Opens `box` over the page, below `button` or above it; `left` tells where. A page that is scrolled closes it.
function float(button, box, left) {
	document.body.append(box);
	const scrolled = ({ target }) => box.contains(target) || close();
	const close = open(button, box, {
		onClose: () => {
			document.removeEventListener("scroll", scrolled, true);
			box.remove();
		},
	});
	const at = button.getBoundingClientRect();
	const below = at.bottom + box.offsetHeight + 8 < window.innerHeight;
	box.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - box.offsetHeight - 4)}px`;
	box.style.left = `${Math.max(8, left(at))}px`;
	document.addEventListener("scroll", scrolled, true);
	return close;
}

function moved(event, menu, close) {
	const items = [...menu.children];
	const at = items.indexOf(document.activeElement);
	const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
	if (event.key === "Tab") close({ focus: true });
	if (to === undefined) return;
	event.preventDefault();
	items[(to + items.length) % items.length].focus();
}
