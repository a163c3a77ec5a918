// The input: draft, files with progress, Enter to send.

import { rememberFile, upload } from "./api.js";
import { $, disable, h, icon, say, show } from "./dom.js";
import { fileSize } from "./format.js";
import { tab } from "./memory.js";
import { isImage } from "./render.js";
import { T } from "./texts.js";

const COUNTER_FROM = 4000;
const MAX_BYTES = 10 * 1024 * 1024;
/** By the ending, as some systems know no type for it; the server looks at the bytes. */
const ACCEPTED = /\.(jpe?g|png|webp|pdf|mp4|docx|xlsx)$/i;

/** Why this file cannot be sent, or "". */
export function refusal(file) {
	if (!ACCEPTED.test(file.name)) return T.wrongType(file.name);
	if (file.size > MAX_BYTES) return T.tooLarge(file.name, fileSize(file.size));
	return file.size ? "" : T.emptyFile(file.name);
}

/** `onSend({text, files})` gets what a person sends; files are {file_id, name, mime, size}. */
export function composer(onSend) {
	const input = $("input");
	let uploads = [];

	function refresh(hint) {
		const ready = uploads.every(({ id }) => id) && (input.value.trim() || uploads.length);
		disable($("send"), !ready);
		say($("hint"), hint ?? (input.value.length > COUNTER_FROM ? T.counter(input.value.length) : ""));
		$("tray").replaceChildren(...uploads.map(({ row }) => row));
		show($("tray"), uploads.length);
		input.style.height = "auto";
		input.style.height = `${input.scrollHeight + 2}px`;
	}

	function write(text) {
		input.value = text;
		tab.set("anze.draft", text);
		refresh();
	}

	function submit(event) {
		event.preventDefault();
		const text = input.value.trim();
		if (uploads.some(({ id }) => !id)) return refresh(T.uploading);
		if (!text && !uploads.length) return refresh();
		const files = uploads.map(({ id, file }) => ({ file_id: id, name: file.name, mime: file.type, size: file.size }));
		uploads = [];
		write("");
		return onSend({ text, files });
	}

	function add(files) {
		const refused = files.map(refusal);
		files.filter((_, at) => !refused[at]).forEach(attach);
		refresh(refused.filter(Boolean).join(" ") || undefined);
	}

	function attach(file) {
		const stop = new AbortController();
		const bar = h("progress", { "aria-label": file.name });
		const note = h("small", { role: "status" });
		const retry = h("button", { class: "link", click: run }, T.retry);
		const remove = () => {
			stop.abort();
			uploads = uploads.filter((other) => other !== entry);
			refresh();
			input.focus();
		};
		const about = h("span", {}, h("b", {}, file.name), note, bar);
		const cross = { class: "round", "aria-label": T.remove(file.name), click: remove };
		const entry = { file, row: h("li", {}, thumbnail(file), about, retry, h("button", cross, icon("close"))) };
		uploads.push(entry);
		run();

		async function run() {
			show(retry, false);
			show(bar, true);
			note.textContent = fileSize(file.size);
			try {
				entry.id = (await upload(file, (part) => (bar.value = part), stop.signal)).file_id;
				rememberFile(entry.id, file);
				note.append(` · ${T.uploaded}`);
			} catch (problem) {
				note.textContent = problem.message;
				show(retry, true);
			}
			show(bar, false);
			refresh();
		}
	}

	$("picker").onchange = ({ target }) => {
		add([...target.files]);
		target.value = "";
	};
	$("attach").onclick = () => $("picker").click();
	$("attach").title = T.limits;
	$("composer").onsubmit = submit;
	input.oninput = () => write(input.value);
	input.onkeydown = (event) => {
		// 229: the key belongs to an input method (Safari ends the composition before this event)
		if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) submit(event);
	};
	input.onpaste = ({ clipboardData }) => clipboardData.files.length && add([...clipboardData.files]);

	write(input.value || tab.get("anze.draft") || "");
	return { write, text: () => input.value, focus: () => input.focus() };
}

function thumbnail(file) {
	if (!isImage(file.type)) return h("span", { class: "thumb" }, icon("file"));
	const url = URL.createObjectURL(file);
	return h("img", { class: "thumb", alt: "", src: url, load: () => URL.revokeObjectURL(url) });
}
