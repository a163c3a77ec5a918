// Sheets: menu, binding, privacy, image. <dialog> gives Esc, focus trap and focus return.

import { bind, confirmBind } from "./api.js";
import { $, disable, disabled, h, icon, say, show } from "./dom.js";
import { T } from "./texts.js";

const dialogs = document.querySelectorAll("dialog");

for (const dialog of dialogs) {
	dialog.append(h("button", { class: "round close", "aria-label": T.close }, icon("close")));
	dialog.addEventListener("click", ({ target }) => {
		if (target === dialog || target.closest(".close")) dialog.close();
	});
}

export function openDialog(id) {
	dialogs.forEach((dialog) => dialog.close());
	$(id).showModal();
}

export function viewImage(url, name) {
	Object.assign($("image"), { src: url, alt: name });
	openDialog("viewer");
}

/** The panel's place: beside the chat where there is room, in the menu sheet elsewhere. */
export function placePanel() {
	const wide = matchMedia("(min-width: 60rem)");
	wide.onchange = () => {
		$("menu").close();
		$(wide.matches ? "side" : "menu").prepend($("panel"));
	};
	wide.onchange();
}

const STEPS = ["bind-ask", "bind-confirm", "bind-done"];

function step(id) {
	STEPS.forEach((other) => show($(other), other === id));
	$(id).querySelector("input, button").focus();
}

export function openBind() {
	openDialog("bind");
	step("bind-ask");
}

/** A form that sends its fields to `request` and gives the answer to `done`, or shows what is wrong. */
function form(id, missing, request, done) {
	const error = $(id).querySelector(".error");
	const button = $(id).querySelector("button");
	$(id).addEventListener("submit", async (event) => {
		event.preventDefault();
		const fields = Object.fromEntries([...new FormData($(id))].map(([name, value]) => [name, value.trim()]));
		say(error, Object.values(fields).every(Boolean) ? "" : missing);
		if (error.textContent || disabled(button)) return;
		disable(button, true);
		try {
			done(await request(fields));
		} catch (problem) {
			say(error, problem.message);
		}
		disable(button, false);
	});
}

const nameOf = (insured) => insured.name ?? insured;
const numberOf = (policy) => policy.policy_no ?? policy;

/** `onBound()` is called when a policy has been bound. */
export function prepareBind(onBound) {
	form("bind-ask", T.bindMissing, bind, ({ demo_code: code }) => {
		say($("bind-demo"), code && T.bindDemo(code));
		step("bind-confirm");
	});
	form("bind-confirm", T.bindNoCode, confirmBind, ({ insured, policies }) => {
		say($("bind-result"), T.bindDone(nameOf(insured), policies.map(numberOf)));
		STEPS.slice(0, 2).forEach((id) => $(id).reset());
		step("bind-done");
		onBound();
	});
	$("bind-back").onclick = openBind;
}
