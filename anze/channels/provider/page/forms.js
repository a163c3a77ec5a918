// Forms whose every keystroke and file are kept on the phone until they are in the queue.

import { h, icon, say, toast } from "./dom.js";
import { fileSize } from "./format.js";
import * as phone from "./phone.js";
import { newId } from "./queue.js";
import { T } from "./texts.js";

/** A draft as it was left; a new one begins with `fields`. */
export const draftOf = async (key, kind, number, fields = {}) =>
	(await phone.get("drafts", key)) ?? { key, kind, number, fields, files: [] };

const keep = (draft) => phone.put("drafts", draft);

export const labelled = (label, input, hint) =>
	h("label.field", h("span", label), input, hint && h("small", hint));

/** A field, larger with `rows`, that is draft.fields[name]. */
export function text(draft, name, label, { hint, ...attributes }) {
	const input = h(attributes.rows ? "textarea" : "input", { name, ...attributes });
	input.value = draft.fields[name] ?? "";
	input.addEventListener("input", () => {
		draft.fields[name] = input.value;
		keep(draft);
	});
	return labelled(label, input, hint);
}

/** One (radio) or several (checkbox) of what `groups` offer: [title, [[value, label, hint]]]. */
export function choice(draft, name, legend, type, groups) {
	const many = type === "checkbox";
	const chosen = new Set([draft.fields[name] ?? []].flat());
	const option = ([value, label, hint]) => {
		const change = () => {
			if (!many) chosen.clear();
			chosen[input.checked ? "add" : "delete"](value);
			draft.fields[name] = many ? [...chosen] : value;
			keep(draft);
		};
		const input = h("input", { type, name, value, required: !many, change });
		input.checked = chosen.has(value);
		return h("label.option", input, h("span", h("b", label), hint && h("small", hint)));
	};
	const part = ([title, all]) => [title && h("small", title), h("div.options", all.map(option))];
	return h("fieldset", h("legend", legend), groups.map(part));
}

/** A form with one big button; `check()` says what is wrong. */
export function form({ about, submit, check = () => "", onSend }, ...fields) {
	const problem = h("p.error", { role: "alert", hidden: true });
	const button = h("button", { type: "submit", class: "button primary big" }, submit);
	const send = async (event) => {
		event.preventDefault();
		if (button.disabled) return;
		const wrong = missing(event.target) || check();
		say(problem, wrong);
		if (wrong) return;
		button.disabled = true;
		try {
			await onSend();
		} catch (error) {
			if (!("status" in error)) throw error;
			say(problem, error.message);
		} finally {
			button.disabled = false;
		}
	};
	const intro = about && h("p.soft", about);
	return h("form.box", { novalidate: true, submit: send }, intro, fields, problem, button);
}

/** The first empty field that must not be, in words; it gets the focus. */
function missing({ elements }) {
	for (const input of elements) {
		const value = input.type === "radio" ? elements[input.name].value : input.value;
		if (!input.required || value.trim()) continue;
		input.focus();
		return T.fill((input.type === "radio" ? input.closest("fieldset") : input.closest("label")).firstChild.textContent);
	}
	return "";
}

const MAX_BYTES = 10 * 1024 * 1024;
const SHRINK_ABOVE = 1024 * 1024;
const LONGEST_SIDE = 2400;
const ACCEPTED = /\.(jpe?g|png|webp|pdf|docx|xlsx)$/i;
const PHOTO = /^image\//;

/** A photo that a thin line can carry; anything else as it is. */
async function smaller(file) {
	if (!PHOTO.test(file.type) || file.size < SHRINK_ABOVE) return { blob: file, name: file.name };
	try {
		const image = await createImageBitmap(file, { imageOrientation: "from-image" });
		const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
		const canvas = h("canvas", { width: image.width * scale, height: image.height * scale });
		canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
		image.close();
		const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
		if (blob && blob.size < file.size) return { blob, name: `${file.name.replace(/\.\w+$/, "")}.jpg` };
	} catch (error) {
		if (!(error instanceof DOMException)) throw error; // not a picture that this phone can read
	}
	return { blob: file, name: file.name };
}

/** Buttons to add at most `most` files to a draft, and what was added; `pickers`: [icon, words, attributes]. */
export async function files(draft, most, ...pickers) {
	const list = h("ul.files");

	async function refresh() {
		const kept = await Promise.all(draft.files.map((key) => phone.get("files", key)));
		list.replaceChildren(...kept.filter(Boolean).map(entry));
	}

	async function drop(key) {
		draft.files = draft.files.filter((other) => other !== key);
		await keep(draft);
		await phone.remove("files", key);
		await refresh();
	}

	function entry({ key, name, blob }) {
		const cross = h("button.round", { "aria-label": T.removeFile(name), click: () => drop(key) }, icon("close"));
		if (!PHOTO.test(blob.type)) return h("li.line", icon("file"), `${name} ${fileSize(blob.size)}`, cross);
		const src = URL.createObjectURL(blob);
		return h("li.photo", h("img", { src, alt: name, load: () => URL.revokeObjectURL(src) }), cross);
	}

	/** Take one file in; gives in words why not. */
	async function take(file) {
		if (draft.files.length >= most) return T.tooMany(most);
		const { blob, name } = await smaller(file);
		if (!ACCEPTED.test(name)) return T.wrongType(name);
		if (!blob.size || blob.size > MAX_BYTES) return T.tooLarge(name, fileSize(blob.size));
		const key = newId();
		// The bytes themselves: a reference to the camera's file may be dead after a reload.
		await phone.put("files", { key, name, blob: new Blob([await blob.arrayBuffer()], { type: blob.type }) });
		draft.files.push(key);
		return "";
	}

	async function change({ target }) {
		const problems = new Set();
		for (const file of [...target.files]) problems.add(await take(file));
		target.value = "";
		await keep(draft);
		await refresh();
		if ([...problems].some(Boolean)) toast([...problems].join(" "));
	}

	await refresh();
	const button = ([name, words, attributes]) =>
		h("label.button", icon(name), words, h("input.sr", { type: "file", change, ...attributes }));
	return [h("div.options", pickers.map(button)), list];
}
