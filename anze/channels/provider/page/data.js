// The orders as last seen, kept on the phone.

import * as api from "./api.js";
import { dayOf, dayWords, hours, moment } from "./format.js";
import * as phone from "./phone.js";
import { waiting } from "./queue.js";
import { ahead, ENDED } from "./rules.js";

const OPEN = 200;
const DONE = 10;
const AHEAD = 20;

let list = { rows: [] };
let lead = 0; // the server's clock minus this phone's, on a demo database
const details = new Map();
export let demo;

export const today = () => dayOf(Date.now() + lead);
export const spoken = (at) => moment(at + lead, today());
export const when = (order) => `${dayWords(dayOfOrder(order), today())} ${hours(order)}`;
export const dayOfOrder = ({ starts_at }) => dayOf(Date.parse(starts_at));
export const seenAt = () => list.at;

export async function restore() {
	list = (await phone.get("seen", "orders")) ?? { key: "orders", rows: [] };
	({ lead = 0, demo } = (await phone.get("seen", "clock")) ?? {});
	details.clear();
	for (const { key, order } of await phone.all("seen")) if (order) details.set(key, order);
}

export const orders = () => list.rows.map((row) => ahead(row, waiting()));

export function order(number) {
	const known = details.get(number) ?? list.rows.find((row) => row.number === number);
	return known && ahead(known, waiting());
}

export async function refreshClock() {
	({ demo } = await api.me());
	lead = demo ? Date.parse(demo.now) - Date.now() : 0;
	await phone.put("seen", { key: "clock", lead, demo });
}

const keepList = (rows, at = list.at) => phone.put("seen", (list = { key: "orders", rows, at }));

export async function refreshList() {
	const [open, done] = await Promise.all([api.orders("open", OPEN), api.orders("done", DONE)]);
	await keepList([...open.items, ...done.items], Date.now());
	for (const number of details.keys()) if (!list.rows.some((row) => row.number === number)) await drop(number);
}

async function keepOne(order) {
	details.set(order.number, order);
	await phone.put("seen", { key: order.number, order });
}

export async function refreshOne(number) {
	try {
		const [order, hazards] = await Promise.all([api.one(number), api.hazards(number)]);
		await keepOne({ ...order, hazards: hazards.items });
	} catch (problem) {
		if (problem.status === 404) await drop(number);
		throw problem;
	}
}

/** Read the next orders whole before the line is gone. */
export async function readAhead(stop) {
	const open = list.rows.filter(({ status }) => !ENDED.includes(status)).slice(0, AHEAD);
	for (const { number, version } of open) {
		if (stop()) return;
		if (details.get(number)?.version !== version) await refreshOne(number);
	}
}

async function drop(number) {
	details.delete(number);
	await phone.remove("seen", number);
	await keepList(list.rows.filter((row) => row.number !== number));
}

/** What the server answered to a step. */
export async function took({ kind, number, body }, result) {
	if (kind === "decline") return drop(number);
	const known = details.get(number);
	const news = kind === "hazard" ? { hazards: [...(known?.hazards ?? []), { ...body, ...result }] } : result;
	if (known) await keepOne({ ...known, ...news, number });
	if (result.status) await keepList(list.rows.map((row) => (row.number === number ? { ...row, ...result } : row)));
}
