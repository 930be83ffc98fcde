// The sheet on which a model is chosen: every model that can answer, and the commands for more of them.

import { fill, make } from "./common.js";

const words = fetch("/ui/words/models").then((response) => response.json());
const COPIED_MS = 1600;

// Opens the sheet with `chosen` marked (null: none); `take(name)` is called with what is pressed. `once`: that closes the sheet.
export async function openModels({ chosen, take, once = false, now = "" }) {
	const back = document.activeElement;
	const sheet = make("dialog", "", { className: "ask models" });
	sheet.innerHTML = '<h2></h2><p class="fine now" role="status"></p><div class="groups"></div><p class="ends"><button type="button" class="done"></button></p>';
	document.body.append(sheet);
	sheet.addEventListener("close", () => {
		document.removeEventListener("footnote:model", told);
		sheet.remove();
		back?.focus?.({ preventScroll: true });
	});
	const said = sheet.querySelector(".now");
	const told = ({ detail }) => (said.textContent = detail.now);
	sheet.showModal();
	const of = await words;
	sheet.setAttribute("aria-label", once ? of.other_title : of.title);
	sheet.querySelector("h2").textContent = once ? of.other_title : of.title;
	sheet.querySelector(".done").textContent = once ? of.cancel : of.done;
	said.textContent = now;
	const groups = sheet.querySelector(".groups");
	groups.append(make("p", of.looking, { className: "fine waiting" }));
	sheet.addEventListener("click", ({ target }) => {
		const button = target.closest("button, a[data-go]");
		if (target === sheet || button?.matches(".done, a[data-go]")) sheet.close();
		else if (button?.dataset.command) copy(button, of);
		else if (button?.dataset.model !== undefined) {
			for (const each of groups.querySelectorAll(".model")) each.setAttribute("aria-pressed", String(each === button));
			if (once) sheet.close();
			take(button.dataset.model);
		}
	});
	if (!once) document.addEventListener("footnote:model", told);
	const response = await fetch(`/ui/models/sheet?${new URLSearchParams(chosen === null ? {} : { model: chosen })}`).catch(() => null);
	if (response?.ok) groups.innerHTML = (await response.json()).html;
	else groups.firstChild.textContent = of.not_found;
	groups.querySelector('[aria-pressed="true"]')?.focus({ preventScroll: true });
}

async function copy(button, of) {
	const done = await navigator.clipboard.writeText(button.dataset.command).then(
		() => of.copied,
		() => of.not_copied,
	);
	button.textContent = done;
	setTimeout(() => (button.textContent = of.copy), COPIED_MS);
}
