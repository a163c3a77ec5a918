// My orders; and one, with the next thing to do as one big button.

import * as data from "./data.js";
import { go, h, icon, line, soft, tag, toast } from "./dom.js";
import { dayWords } from "./format.js";
import * as phone from "./phone.js";
import * as queue from "./queue.js";
import { ENDED, nextOf, stateOf } from "./rules.js";
import { T } from "./texts.js";

function groupOf(order, day, today) {
	if (ENDED.includes(order.status) || order.declined) return "done";
	if (order.status === "ongoing" || day === today) return "today";
	return day < today ? "missed" : "coming";
}

function marks(number) {
	const mine = queue.waiting().filter((item) => item.number === number);
	const refused = mine.filter((item) => item.state === "refused").length;
	const waiting = mine.length - refused;
	return [waiting > 0 && tag("warn", T.queued(waiting)), refused > 0 && tag("bad", T.refused(refused))];
}

const stand = (order) => {
	const of = [order, data.dayOfOrder(order), data.today()];
	return { state: stateOf(...of), next: nextOf(...of) };
};

function card(order) {
	const { state, next } = stand(order);
	return h("li", h("a.card", { href: `#/o/${order.number}` },
		line(h("b", data.when(order)), tag(state, T.state[state])),
		h("span", order.insured),
		soft(`${order.item_name} · ${order.place}`),
		line(next && h("span.do", `${T.next[next]} ›`), marks(order.number)),
	));
}

export function list() {
	const today = data.today();
	const groups = { today: [], missed: [], coming: [], done: [] };
	for (const order of data.orders()) groups[groupOf(order, data.dayOfOrder(order), today)].push(card(order));
	const filled = Object.entries(groups).filter(([, cards]) => cards.length);
	if (!filled.length) return h("p.empty", data.seenAt() ? T.nothing : T.loading);
	return filled.map(([name, cards]) => h("section", h("h2", T.groups[name]), h("ul.cards", cards)));
}

const FORMS = { accept: "accept", people: "accept", rules_seen: "rules", report: "report" };

const row = (name, value, more) => value && h("div", h("dt", T.label[name]), h("dd", value, " ", more));
const section = (name, ...content) => h("section.box", h("h2", T.section[name]), content);

function copyButton(text) {
	const click = async ({ currentTarget: button }) => {
		try {
			await navigator.clipboard.writeText(text);
			button.textContent = T.copied;
		} catch {
			toast(T.copyFailed); // needs a secure address
		}
	};
	return h("button.link", { click }, T.copy);
}

/** What the server has, what waits, what is not finished. */
function hazards({ number, hazards: known = [] }, drafts) {
	const head = ({ level, place }) =>
		line(h("b", place || T.hazard.empty), level && tag(level === "major" ? "bad" : "", T.hazard.levels[level]));
	const entry = (one, ...more) => h("li.entry", head(one), one.description, more);
	const told = known.map((one) =>
		entry(one, soft([one.number, one.state, T.hazard.told[one.notified], one.photos && T.hazard.count(one.photos)].filter(Boolean).join(" · "))),
	);
	const there = new Set(known.map((one) => one.client_id));
	const coming = queue
		.waiting()
		.filter(({ kind, number: of, body }) => kind === "hazard" && of === number && !there.has(body.client_id))
		.map(({ body, state, reason }) =>
			entry(body, h("a", { class: `tag ${state === "refused" ? "bad" : "warn"}`, href: "#/queue" }, reason ?? T.waiting)),
		);
	const begun = drafts.map(({ key, fields }) =>
		h("li", h("a.entry", { href: `#/o/${number}/h/${key}` }, head(fields), tag("", T.hazard.unfinished))),
	);
	const all = [...told, ...coming, ...begun];
	return section("hazards", all.length ? h("ul.entries", all) : soft(T.hazard.none));
}

function nextStep(order) {
	const { number, rules_seen } = order;
	const { state, next } = stand(order);
	const click = () => {
		if (next === "check_in") return done(order, next, {});
		return next === "hazard" ? go("o", number, "h", queue.newId()) : go("o", number, FORMS[next]);
	};
	const words = state === "ready" && rules_seen && !next ? T.early : T.expect[state];
	const canDecline = ["asked", "nobody", "waiting"].includes(state);
	return h("section.box",
		line(h("b.state", T.state[state]), marks(number)),
		words && soft(words),
		next && h("button.button.primary.big", { click }, T.next[next]),
		state === "ongoing" && h("a.button.big", { href: `#/o/${number}/finish` }, T.finishing.title),
		canDecline && h("a.link", { href: `#/o/${number}/decline` }, T.declining.title),
	);
}

export async function done({ number }, kind, body, more) {
	await queue.add(kind, number, body, more);
	toast(navigator.onLine ? T.sending : T.waiting);
}

export async function order(number) {
	const order = data.order(number);
	if (!order) return h("p.empty", navigator.onLine ? T.loading : T.notHere);
	const { contact, status, people, report_no, files = [], completed_on } = order;
	const drafts = (await phone.all("drafts")).filter((draft) => draft.kind === "hazard" && draft.number === number);
	const { phone: tel, name } = contact ?? {};
	const href = tel && `tel:${tel.replace(/[^\d+]/g, "")}`;
	return [
		nextStep(order),
		["ongoing", "completed"].includes(status) && hazards(order, drafts),
		section("visit",
			h("dl",
				row("time", h("b", data.when(order))),
				row("firm", order.insured),
				row("place", order.place, copyButton(order.place)),
				row("number", number),
				row("people", people.join("、")),
			),
			contact && (tel ? h("a.button.big", { href, "aria-label": T.call(tel) }, icon("phone"), `${name ?? ""} ${tel}`) : soft(T.noContact)),
		),
		section("work", h("dl",
			row("item", order.item_name),
			row("measures", order.measures),
			row("audience", order.audience),
			row("attendees", order.attendees && T.people(order.attendees)),
			row("prepare", order.prepare),
		)),
		section("rules", rules(order)),
		status === "completed" && section("report",
			h("dl",
				row("day", completed_on && dayWords(completed_on, data.today())),
				row("process", order.process),
				row("reportNo", report_no),
				row("files", files.map(({ name }) => name).join("、")),
			),
			(report_no || order.reported) && h("a.link", { href: `#/o/${number}/report` }, T.next.report),
		),
	];
}

export const rules = ({ note, rules_seen }) => [
	h("ul.plain", T.siteRules.map((text) => h("li", text))),
	h("p", h("b", T.rulesOwn), note || T.rulesNone),
	rules_seen && soft(T.rulesSeen),
];
