// A menu that opens at a button: arrows move, Escape and a click elsewhere close it, and the focus goes back.

import { make } from "./common.js";

let close = null;

// `entries` is [{label, act, danger}]; `act` is called once the menu is gone.
export function openMenu(button, entries) {
	const again = close && button.getAttribute("aria-expanded") === "true";
	close?.();
	if (again) return;
	const menu = make("div", "", { className: "menu-of", role: "menu", popover: "manual" });
	for (const { label, act, danger } of entries) {
		const entry = make("button", label, { type: "button", role: "menuitem", className: danger ? "danger" : "" });
		entry.addEventListener("click", () => {
			close();
			act();
		});
		menu.append(entry);
	}
	document.body.append(menu);
	menu.showPopover();
	place(menu, button);
	button.setAttribute("aria-expanded", "true");
	menu.addEventListener("keydown", (event) => moved(event, menu));
	const elsewhere = ({ target }) => !menu.contains(target) && !button.contains(target) && close();
	document.addEventListener("pointerdown", elsewhere, true);
	addEventListener("resize", elsewhere);
	close = () => {
		close = null;
		const inside = menu.contains(document.activeElement);
		menu.remove();
		button.setAttribute("aria-expanded", "false");
		document.removeEventListener("pointerdown", elsewhere, true);
		removeEventListener("resize", elsewhere);
		if (inside) button.focus({ preventScroll: true });
	};
	menu.firstElementChild.focus({ preventScroll: true });
}

// Below the button, or above it where there is no room; never over the edge of the window.
function place(menu, button) {
	const at = button.getBoundingClientRect();
	const below = at.bottom + 4 + menu.offsetHeight <= innerHeight;
	menu.style.top = `${below ? at.bottom + 4 : Math.max(4, at.top - 4 - menu.offsetHeight)}px`;
	menu.style.left = `${Math.max(4, Math.min(at.left, innerWidth - menu.offsetWidth - 4))}px`;
}

function moved(event, menu) {
	const entries = [...menu.children];
	const now = entries.indexOf(document.activeElement);
	const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: entries.length - 1 }[event.key];
	if (event.key === "Escape" || event.key === "Tab") {
		event.stopPropagation();
		if (event.key === "Escape") event.preventDefault();
		close();
	} else if (next !== undefined) {
		event.preventDefault();
		entries[(next + entries.length) % entries.length].focus();
	}
}
