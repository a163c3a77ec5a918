// The forms of an order's steps, and that of a hazard: told to the insured as soon as there is a line.

import * as data from "./data.js";
import { go, h } from "./dom.js";
import { choice, draftOf, files, form, text } from "./forms.js";
import { dayOf } from "./format.js";
import { done, rules } from "./orders.js";
import * as phone from "./phone.js";
import { T } from "./texts.js";

const MOST_PHOTOS = 9;
const PHOTOS = "image/jpeg,image/png,image/webp";
const WORDS = ["place", "description", "basis", "advice"];
const LONG = { rows: 4, maxlength: 4000, required: true };

const begin = (order, kind, fields) => draftOf(`${kind}:${order.number}`, kind, order.number, fields);

async function send(order, kind, body, draft) {
	await done(order, kind, body, { draft: draft?.key, files: draft?.files });
	go("o", order.number);
}

export async function accept(order) {
	const draft = await begin(order, "accept", { people: order.people });
	const groups = (order.teams ?? []).map(({ no, people }) => [T.accept.team(no), people.map((name) => [name, name])]);
	const naming = order.provider_confirmed;
	const { about, submit, name, none, who } = T.accept;
	return form(
		{
			about: !naming && about,
			submit: naming ? name : submit,
			check: () => (naming && !draft.fields.people.length ? none : ""),
			onSend: () => send(order, "accept", { people: draft.fields.people }, draft),
		},
		[data.when(order), order.insured, order.item_name, order.measures].map((words) => h("p", words ?? "")),
		groups.length > 0 && choice(draft, "people", who, "checkbox", groups),
	);
}

export async function decline(order) {
	const draft = await begin(order, "decline");
	const onSend = async () => {
		await send(order, "decline", { reason: draft.fields.reason.trim() }, draft);
		go("");
	};
	return form({ ...T.declining, onSend }, text(draft, "reason", T.declining.reason, LONG));
}

export const readRules = (order) =>
	form({ submit: T.rulesSubmit, onSend: () => send(order, "rules_seen", {}) }, rules(order));

export async function finish(order) {
	const max = data.today();
	const min = order.started_at ? dayOf(Date.parse(order.started_at)) : data.dayOfOrder(order);
	const draft = await begin(order, "finish", { completed_on: max });
	const { fields } = draft;
	const { about, submit, late, process, hint, day } = T.finishing;
	return form(
		{
			about,
			submit,
			check: () => (min <= fields.completed_on && fields.completed_on <= max ? "" : late),
			onSend: () => send(order, "finish", { process: fields.process.trim(), completed_on: fields.completed_on }, draft),
		},
		text(draft, "process", process, { ...LONG, hint }),
		text(draft, "completed_on", day, { type: "date", min, max, required: true }),
	);
}

export async function report(order) {
	const draft = await begin(order, "report");
	const { about, submit, file, number, none } = T.reporting;
	return form(
		{
			about,
			submit,
			check: () => (draft.files.length ? "" : none),
			onSend: () => send(order, "report", { report_no: draft.fields.report_no?.trim() || null }, draft),
		},
		await files(draft, 1, ["file", file, { accept: `.pdf,.docx,.xlsx,${PHOTOS}` }]),
		text(draft, "report_no", number, { maxlength: 60 }),
	);
}

export async function hazard(order, key) {
	const draft = await draftOf(key, "hazard", order.number);
	const { submit, level, levels, levelHint, hints, photos, camera, album, kept, remove } = T.hazard;

	async function click() {
		await phone.together(["drafts", "files"], (stores) => {
			stores.drafts.delete(key);
			for (const file of draft.files) stores.files.delete(file);
		});
		go("o", order.number);
	}

	const onSend = () => {
		const words = WORDS.map((name) => [name, draft.fields[name].trim()]);
		const body = { client_id: key, level: draft.fields.level, ...Object.fromEntries(words) };
		return send(order, "hazard", body, draft);
	};
	const options = Object.entries(levels).map(([value, label]) => [value, label, levelHint[value]]);
	const field = (name) => {
		const size = name === "place" ? { maxlength: 200, required: true } : LONG;
		return text(draft, name, T.hazard[name], { ...size, hint: hints[name] });
	};
	const pickers = [["camera", camera, { accept: PHOTOS, capture: "environment" }], ["file", album, { accept: PHOTOS, multiple: true }]];
	const element = form(
		{ submit, onSend },
		choice(draft, "level", level, "radio", [["", options]]),
		WORDS.map(field),
		h("fieldset", h("legend", photos), await files(draft, MOST_PHOTOS, ...pickers)),
		h("small", kept),
	);
	element.append(h("button.link", { click }, remove));
	return element;
}
