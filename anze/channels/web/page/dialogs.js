// Sheets: menu, binding, privacy, image. <dialog> gives Esc, focus trap and focus return.

import { bind, upload } from "./api.js";
import { refusal } from "./composer.js";
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

const FIELDS = {
	policy_no: { autocomplete: "off", autocapitalize: "characters" },
	name: { autocomplete: "name" },
	phone: { type: "tel", autocomplete: "tel", pattern: "\\d{7,20}" },
	code: { inputmode: "numeric", autocomplete: "one-time-code" },
	reason: { required: false, maxlength: 500 },
	photo: { required: false, type: "file", accept: "image/jpeg,image/png,image/webp" },
};

/** The forms of the binding sheet; those not shown keep what was typed. */
const forms = {};

function open(name) {
	if (!$("bind").open) openDialog("bind");
	$("bind-title").textContent = T.forms[name]?.title ?? T.bindOpen;
	$("bind-form").replaceChildren(forms[name]);
	forms[name].querySelector("input, button").focus();
}

export const openBind = () => open("ask");

function tidy(input) {
	if (input.type === "tel") input.value = input.value.normalize("NFKC").replace(/[\s-]/g, "");
	else if (!input.files) input.value = input.value.trim();
}

const primary = (title) => h("button", { class: "button primary", type: "submit" }, title);

/** A form that sends its fields to `request` and gives the answer to `done`, or shows what is wrong. */
function form(name, fields, request, done, other) {
	const words = { ...T.fields, ...T.forms[name] };
	const inputs = fields.map((field) => h("input", { name: field, maxlength: 40, required: "", ...FIELDS[field] }));
	const error = h("p", { class: "error", role: "alert" });
	const button = primary(words.submit);
	const submit = async (event) => {
		event.preventDefault();
		if (disabled(button)) return;
		inputs.forEach(tidy);
		const wrong = inputs.find((input) => !input.validity.valid);
		for (const input of inputs) input.ariaInvalid = input === wrong;
		say(error, wrong && T.fill(words[wrong.name]));
		if (wrong) return wrong.focus();
		disable(button, true);
		try {
			done(await request(Object.fromEntries(inputs.map(({ name, files, value }) => [name, files ? files[0] : value]))));
		} catch (problem) {
			say(error, problem.message);
		}
		disable(button, false);
	};
	forms[name] = h(
		"form",
		{ novalidate: "", submit },
		h("p", { class: "prose soft" }, words.about),
		...inputs.map((input) => h("label", {}, words[input.name], input)),
		error,
		button,
		other && h("button", { class: "link", click: () => open(other) }, words.other),
	);
}

/** `onBound()` is called when the conversation has come to belong to a firm. */
export function prepareBind(onBound) {
	const result = h("p", { class: "prose", role: "alert" });
	const demo = h("p", { class: "notice" });
	const finish = (text) => {
		Object.values(forms).forEach((each) => each.reset());
		result.textContent = text;
		open("done");
	};
	const sendCode = ({ demo_code: code }) => {
		say(demo, code && T.bindDemo(code));
		open("confirm");
	};
	const bound = ({ insured, policies }) => {
		finish(T.bindDone(insured, policies));
		onBound();
	};
	const ask = async ({ photo, ...fields }) => {
		if (photo && refusal(photo)) throw new Error(refusal(photo));
		const stored = photo && (await upload(photo));
		await bind("/request", { ...fields, file_id: stored?.file_id });
		return T.requested(photo);
	};
	form("ask", ["policy_no", "phone"], (fields) => bind("", fields), sendCode, "request");
	form("confirm", ["code"], (fields) => bind("/confirm", fields), bound, "ask");
	form("request", ["policy_no", "name", "phone", "reason", "photo"], ask, finish, "ask");
	form("join", ["name", "phone"], (fields) => bind("/join", { token: invitation, ...fields }), bound);
	forms.confirm.firstChild.after(demo);
	forms.done = h("form", { method: "dialog" }, result, primary(T.done));
}

let invitation;

export function openJoin(token) {
	invitation = token;
	open("join");
}
