// Pure functions: how an order stands once what waits is through, and what comes next.

export const ENDED = ["completed", "cancelled", "no_show", "refused"];

const EFFECTS = {
	accept: ({ people }, body) => ({ provider_confirmed: true, people: body.people.length ? body.people : people }),
	decline: () => ({ declined: true }),
	rules_seen: () => ({ rules_seen: true }),
	check_in: () => ({ status: "ongoing" }),
	finish: (_, { completed_on, process }) => ({ status: "completed", completed_on, process }),
	report: () => ({ reported: true }),
};

/** The order as it will be. */
export function ahead(order, items) {
	const mine = items.filter(({ number, state }) => number === order.number && state !== "refused");
	return mine.reduce((now, { kind, body }) => ({ ...now, ...EFFECTS[kind]?.(now, body) }), order);
}

/** A key of T.state. */
export function stateOf(order, day, today) {
	if (order.declined) return "declined";
	if (ENDED.includes(order.status) || order.status === "ongoing") return order.status;
	if (day < today) return "missed";
	if (!order.provider_confirmed) return "asked";
	if (!order.insured_confirmed) return "waiting";
	return order.people.length ? "ready" : "nobody";
}

/** A key of T.next, or null. */
export function nextOf(order, day, today) {
	const state = stateOf(order, day, today);
	const next = { asked: "accept", nobody: "people", ongoing: "hazard" }[state];
	if (next) return next;
	if (state === "ready" && !order.rules_seen) return "rules_seen";
	if (state === "ready" && day === today) return "check_in";
	return state === "completed" && order.files && !order.report_no && !order.reported ? "report" : null;
}

/** These wait for nothing; behind a refused step of an order its later ones wait. */
const FREE = ["hazard", "photos"];
/** Large ones let the others pass: the insured hears of a hazard at once. */
const HEAVY = ["report", "photos"];

/** The item to be sent now, undefined when none can be. */
export function nextItem(items, held) {
	const blocked = new Set();
	const free = items.filter(({ id, kind, number, state }) => {
		const stuck = state === "refused" || held.has(id);
		const step = !FREE.includes(kind);
		if (step && blocked.has(number)) return false;
		if (step && stuck) blocked.add(number);
		return !stuck;
	});
	return free.find(({ kind }) => !HEAVY.includes(kind)) ?? free[0];
}
