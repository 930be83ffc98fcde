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
	document.body.append(menu);
	const close = open(button, menu, { onClose: () => menu.remove() });
	const box = button.getBoundingClientRect();
	const height = menu.offsetHeight;
	const below = box.bottom + height + 8 < window.innerHeight;
	menu.style.top = `${Math.max(8, below ? box.bottom + 4 : box.top - height - 4)}px`;
	menu.style.left = `${Math.max(8, Math.min(box.right, window.innerWidth - 8) - menu.offsetWidth)}px`;
	menu.addEventListener("keydown", (event) => moved(event, menu, close));
	menu.firstElementChild.focus();
	const scrolled = () => close();
	document.addEventListener("scroll", scrolled, { capture: true, once: true });
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
