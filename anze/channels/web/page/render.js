// One message → one element. What a message says is put in as text.

import { fileUrl } from "./api.js";
import { disable, h, icon } from "./dom.js";
import { fileSize, legalDate, splitPhones } from "./format.js";
import { T } from "./texts.js";

export const isImage = (mime) => /^image\/(jpeg|png|webp)$/.test(mime);

export const prose = (text) =>
	splitPhones(text).map(({ text, tel }) => (tel ? h("a", { href: `tel:${tel}` }, text) : text));

/** `actions`: press(button, element), view(url, name), bind(), resend(), amend(item). */
export function renderMessage(item, actions) {
	const { text, direction, buttons = [], citations = [], files = [], table, data, pushed, ...msg } = item.msg;
	const sender = direction === "in" ? "in" : (msg.sender ?? "bot");
	const speaker = (sender === "staff" && msg.sender_name) || (T.speaker[sender] ?? T.speaker.bot);
	const card = direction === "out" && data && cardOf(data, actions);
	const replies = buttons.length && quickReplies(buttons, actions);
	const bubble = h(
		"div",
		{ class: card || table ? "bubble wide" : "bubble" },
		h("span", { class: "sr" }, `${speaker}：`),
		text && h("p", { class: "prose" }, ...prose(text)),
		card,
		table && tableOf(table),
		files.length && h("div", { class: "files" }, ...files.map((file) => attachment(file, actions))),
		citations.length && h("div", { class: "citations" }, ...citations.map(citation)),
		card && replies,
	);
	const human = sender === "staff";
	const face = h("span", { class: `avatar ${sender}`, "aria-hidden": "true" }, human ? speaker[0] : icon("shield"));
	const label = human ? speaker : pushed && T.pushed;
	const who = label && h("p", { class: "who soft", "aria-hidden": "true" }, label);
	const row = h(
		"div",
		{ class: "row" },
		(sender === "bot" || human) && face,
		h("div", { class: "stack" }, who, bubble, !card && replies),
	);
	const element = h("div", { class: `msg ${direction === "in" ? "in" : `out ${sender}`}` }, h("p", { class: "when soft" }), row);
	renderState(element, item, actions);
	return element;
}

/** Whether an own message is on its way, failed or refused; the bubble stays, or it would be read out again. */
export function renderState(element, item, actions) {
	element.querySelector(".delivery")?.remove();
	if (item.state !== "stored") element.querySelector(".stack").append(delivery(item, actions));
}

function delivery(item, actions) {
	if (item.state === "queued" || item.state === "sending") return h("i", { class: "delivery" });
	const [title, click] = item.state === "failed" ? [T.resend, actions.resend] : [T.amend, () => actions.amend(item)];
	const button = h("button", { class: "link", click }, title);
	return h("p", { class: "delivery error" }, item.reason ?? T.unsent, button);
}

function quickReplies(buttons, actions) {
	const reply = (button) => {
		const element = h("button", { click: () => actions.press(button, element) }, button.title);
		if (button.used) markUsed(element);
		return element;
	};
	return h("div", { class: "quick" }, ...buttons.map(reply));
}

export function markUsed(element) {
	element.prepend(icon("check"));
	disable(element, true);
}

function fold(title, ...content) {
	return h("details", {}, h("summary", {}, title, icon("down")), ...content);
}

function citation({ clause, text, version }) {
	const source = h("footer", { class: "soft" }, `${T.verbatim} · ${version}`);
	return fold(T.clause(clause), h("blockquote", { class: "prose" }, text, source));
}

function tableOf({ columns, rows }) {
	const align = columns.map((_, at) => (rows.every((row) => typeof row[at] === "number") ? "number" : null));
	const cells = (tag, row) => h("tr", {}, ...row.map((value, at) => h(tag, { class: align[at] }, String(value ?? "—"))));
	const body = h("tbody", {}, ...rows.map((row) => cells("td", row)));
	const table = h("table", {}, h("thead", {}, cells("th", columns)), body);
	return h("div", { class: "table", role: "region", tabindex: "0", "aria-label": T.table }, table);
}

// Typed data: two kinds of their own, rows as a card; the rest is for programs.
function cardOf(data, actions) {
	if (data.kind === "complaint") return complaint(data);
	if (data.kind === "bind") return h("button", { class: "button primary", click: actions.bind }, T.bindOpen);
	return data.rows?.map && h("div", { class: "card rows" }, rowList(data.rows));
}

function rowList(rows) {
	const line = ({ label, value, note }) =>
		h("div", {}, h("dt", {}, label), h("dd", {}, String(value ?? "—"), note && h("span", { class: "tag" }, note)));
	return h("dl", {}, ...rows.map(line));
}

function complaint({ number, due_on: due, working_to: working, provisional, explanation = [] }) {
	const dates = [];
	if (due) dates.push({ label: T.due, value: legalDate(due), note: provisional && T.provisional });
	if (working && working !== due) dates.push({ label: T.workingTo, value: legalDate(working) });
	const label = h("span", { "aria-live": "polite" }, T.copy);
	const click = async () => {
		try {
			await navigator.clipboard.writeText(number);
			label.textContent = T.copied;
		} catch {
			label.textContent = T.copyFailed; // there is no clipboard without https
		}
	};
	return h(
		"div",
		{ class: "card" },
		h("p", { class: "soft" }, T.number),
		h("div", { class: "copy" }, h("b", { class: "number" }, number), h("button", { class: "button", click }, label)),
		rowList(dates),
		explanation.length && fold(T.how, h("ul", {}, ...explanation.map((line) => h("li", {}, line)))),
	);
}

const nearScreen = new IntersectionObserver(
	(entries) => {
		for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
			nearScreen.unobserve(target);
			target.dispatchEvent(new Event("near"));
		}
	},
	{ rootMargin: "400px" },
);

/** Pictures show themselves when they come near the screen and open large; other files are saved. */
function attachment({ file_id: id, name, mime, size }, actions) {
	const picture = isImage(mime);
	const note = h("small", {}, picture ? "" : fileSize(size));
	const image = h("img", { alt: "" });
	const get = (use) => async () => {
		try {
			use(await fileUrl(id));
			if (picture) note.remove();
		} catch (problem) {
			note.textContent = problem.message;
		}
	};
	const near = picture && get((url) => (image.src = url));
	const open = (url) => (picture ? actions.view((image.src = url), name) : h("a", { href: url, download: name }).click());
	const element = h(
		"button",
		{ class: picture ? "picture" : "file", "aria-label": (picture ? T.view : T.save)(name), click: get(open), near },
		picture ? image : icon("file"),
		picture ? note : h("span", {}, h("b", {}, name), note),
	);
	if (picture) nearScreen.observe(element);
	return element;
}
