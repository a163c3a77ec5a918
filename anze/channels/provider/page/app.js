// Start: who is signed in, which screen is shown, when to look for news.

import { account, signIn, waitingList } from "./account.js";
import * as api from "./api.js";
import * as data from "./data.js";
import { $, go, icon, say, show, toast } from "./dom.js";
import { dayWords } from "./format.js";
import { list, order } from "./orders.js";
import * as phone from "./phone.js";
import * as queue from "./queue.js";
import { accept, decline, finish, hazard, readRules, report } from "./steps.js";
import { T } from "./texts.js";

const NEWS_EVERY_MS = 60_000;
const FORMS = {
	accept: [accept, T.next.accept],
	decline: [decline, T.declining.title],
	rules: [readRules, T.next.rules_seen],
	finish: [finish, T.finishing.title],
	report: [report, T.next.report],
	h: [hazard, T.next.hazard],
};

let noLine = false;
let drawn = {}; // the address on the screen, and whether somebody writes in it
let drawing = 0;
let asking, more;

const signedIn = () => Boolean(api.session()?.token);

function screen() {
	if (!signedIn()) return { title: T.signIn.title, writes: true, make: () => signIn(enter) };
	const [, first, number, what, key] = location.hash.split("/");
	if (first === "queue") return { title: T.queue.title, back: "#/", make: waitingList };
	if (first === "account") return { title: T.account, back: "#/", make: () => account(left) };
	if (first !== "o") return { title: T.home, make: list };
	const known = data.order(number);
	const [make, title] = (known && FORMS[what]) || [];
	if (make) return { title, back: `#/o/${number}`, writes: true, make: () => formOf(make, known, key) };
	return { title: known?.insured ?? number, back: "#/", number, make: () => order(number) };
}

async function formOf(make, order, key) {
	const { number, teams } = order;
	if (!teams && navigator.onLine) await data.refreshOne(number).catch((problem) => toast(problem.message));
	return make(data.order(number) ?? order, key);
}

/** A screen in which somebody writes is left alone until the address changes. */
async function draw() {
	const turn = ++drawing;
	const hash = signedIn() ? location.hash : null;
	const { make, writes, ...head } = screen();
	showHead(head, writes);
	const arrived = drawn.hash !== hash;
	if (!arrived && drawn.writes) return;
	const content = await make();
	if (turn !== drawing) return;
	drawn = { hash, writes };
	$("view").replaceChildren(...[content].flat().filter(Boolean));
	$("view").ariaBusy = "false";
	if (!arrived) return;
	scrollTo(0, 0);
	$("title").focus({ preventScroll: true });
}

function showHead({ title, back }, writes) {
	say($("title"), title);
	document.title = title;
	show($("back"), back);
	if (back) $("back").href = back;
	const known = signedIn();
	show($("account"), known && !back);
	const items = queue.waiting();
	const refused = items.filter(({ state }) => state === "refused").length;
	say($("waiting"), refused ? T.refused(refused) : items.length > 0 && T.queued(items.length));
	$("waiting").className = `tag ${refused ? "bad" : "warn"}`;
	say($("demo"), known && data.demo && T.demo(dayWords(data.today(), data.today())));
	const offline = !navigator.onLine || noLine || queue.lineBroken();
	const old = known && !writes && !items.length && data.seenAt();
	say($("network"), offline && (old ? T.stale(data.spoken(old)) : T.offline));
}

/** One look at a time: an old answer must not come after a new one. */
async function refresh() {
	more = true;
	if (asking) return;
	asking = true;
	try {
		while (more) await look();
	} finally {
		asking = false;
	}
}

async function look() {
	more = false;
	if (!signedIn() || !navigator.onLine) return;
	const { number } = screen();
	try {
		await Promise.all([data.refreshClock(), data.refreshList(), number && data.refreshOne(number)]);
		noLine = false;
		await draw();
		return await data.readAhead(() => more);
	} catch (problem) {
		if (!signedIn()) return;
		if (!(problem instanceof api.Problem)) throw problem;
		noLine = problem.passing && problem.status !== 401;
		if (!problem.passing) toast(problem.status === 404 ? T.gone : problem.message);
		if (problem.status === 404) go("");
	}
	await draw();
}

async function enter() {
	await phone.open(api.session().username);
	navigator.storage?.persist?.();
	await data.restore();
	await queue.load();
	drawn = {};
	await refresh();
}

async function left() {
	go("");
	await draw();
}

queue.whenChanged(async (news) => {
	if (news) {
		await data.took(news.item, news.result);
		toast(T.sent(news.item.kind));
		noLine = false;
		refresh();
	}
	await draw();
});
api.whenEnded(draw);

for (const id of ["back", "account"]) {
	$(id).append(icon(id));
	$(id).ariaLabel = T[id];
}
for (const event of ["hashchange", "online"]) addEventListener(event, () => draw().then(refresh));
addEventListener("offline", draw);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
setInterval(() => document.hidden || refresh(), NEWS_EVERY_MS);

const fault = (error) => toast(error?.name === "QuotaExceededError" ? T.noRoom : T.fault);
addEventListener("unhandledrejection", ({ reason }) => fault(reason));
addEventListener("error", ({ error }) => fault(error));

// Only on a secure address; elsewhere the page opens with a line only.
if ("serviceWorker" in navigator) {
	const own = window.trustedTypes?.createPolicy("own-worker", { createScriptURL: (name) => name });
	navigator.serviceWorker.register(own ? own.createScriptURL("worker.js") : "worker.js");
}

if (signedIn()) enter();
else draw();
