// Start: wires all parts together.

import * as api from "./api.js";
import { composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { openBind, openDialog, openJoin, placePanel, prepareBind, viewImage } from "./dialogs.js";
import { $, disabled, h, say, show } from "./dom.js";
import { fullTime } from "./format.js";
import { Log } from "./log.js";
import { markUsed, prose } from "./render.js";
import { T } from "./texts.js";

const TYPING_DELAY_MS = 300;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

const conversation = new Conversation();
let status = { handoff: "bot" };
let demoLead = null; // demo clock minus this device's clock, in milliseconds
let remoteTyping = false;
let sending = false;
let read = 0;

const now = () => Date.now() + demoLead;
const stamp = () => new Date(now()).toISOString();

function showStatus() {
	const { person, bound, acting_for: firm, insureds = [], handoff } = status;
	say($("firm"), firm?.name);
	$("firm-name").textContent = firm?.name ?? (bound ? T.chooseFirm : T.unbound);
	say($("firm-person"), person && `${person.name} ${person.phone_masked}`);
	$("open-bind").textContent = bound ? T.bindMore : T.bindOpen;
	$("open-bind").className = bound ? "link" : "button primary";
	$("firms").replaceChildren(...(insureds.length > 1 ? insureds.map((insured) => firmChoice(insured, firm)) : []));
	$("mark").textContent = T.mark[handoff];
	$("mark").className = `tag ${handoff}`;
	show($("human"), handoff === "bot");
	showBranch(status.branch ?? api.session()?.branch);
	showPrivacy();
	showDemo();
}

function firmChoice(insured, firm) {
	const change = async () => {
		await api.actFor(insured.id).catch((problem) => say($("notice"), problem.message));
		await readStatus();
	};
	const choice = h("input", { type: "radio", name: "firm", checked: insured.id === firm?.id && "", change });
	return h("label", {}, choice, insured.name);
}

function showBranch(branch) {
	document.querySelectorAll(".call").forEach((place) => show(place, branch?.hotline));
	if (!branch?.hotline) return;
	for (const link of [$("call"), $("hotline")]) {
		link.href = `tel:${branch.hotline.replace(/[^\d+]/g, "")}`;
		link.ariaLabel = T.call(branch.hotline);
	}
	$("hotline").textContent = branch.hotline;
	$("branch").textContent = `${branch.hours}\n${branch.name}`;
	$("welcome-call").replaceChildren(...prose(T.hotline(branch)));
}

const privacy = () => status.privacy ?? api.session()?.privacy;

function showPrivacy() {
	const notice = privacy();
	const asked = status.consented === false;
	const box = $("privacy");
	show(box, notice);
	show($("privacy-ok"), asked);
	show($("open-privacy"), notice && !asked);
	say($("privacy-title"), notice?.title);
	say($("privacy-text"), notice && `${notice.text}\n${T.version(notice.version)}`);
	if (asked !== $("privacy-sheet").contains(box)) return; // what moves gets no click
	if (asked) $("starters").before(box);
	else $("privacy-sheet").append(box);
}

function showDemo() {
	say($("demo"), demoLead === null ? "" : T.demo(fullTime(now())));
}

async function readStatus() {
	status = await api.me();
	demoLead = status.demo ? Date.parse(status.demo.now) - Date.now() : null;
	showStatus();
}

/** Take messages of the server into the log. `live`: as they happen, not as history. */
function take(messages, live) {
	const results = messages.map((msg) => conversation.take(msg));
	const having = (wanted) => results.filter(({ change }) => change === wanted).map(({ item }) => item);
	const fresh = live ? having("new").filter(({ msg }) => msg.direction === "out").length : 0;
	log.update({ changed: having("changed"), restated: having("state"), fresh });
	tellRead();
}

/** What is on the screen is read: from then on it counts as told. */
function tellRead() {
	const newest = conversation.newest();
	if (document.hidden || newest <= read) return;
	read = newest;
	api.read(newest).catch(() => (read = 0));
}

async function readHistory() {
	const live = conversation.last > 0;
	for (;;) {
		const { items, last } = await api.history(conversation.last);
		take(items, live);
		if (last <= conversation.last) break;
		conversation.last = last;
	}
	conversation.restore();
	log.update();
	$("log").ariaBusy = "false";
	show($("starters"), !conversation.items.length);
}

function onEvent({ event, data }) {
	if (event === "message") {
		const msg = JSON.parse(data);
		take([msg], true);
		conversation.last = Math.max(conversation.last, msg.id);
	} else if (event === "state") {
		const { typing, ...state } = JSON.parse(data);
		remoteTyping = typing;
		status = { ...status, ...state };
		showStatus();
		showTyping();
	}
}

let wake = () => {};
let line = new AbortController();

const pause = (ms) => new Promise((resolve) => setTimeout((wake = resolve), ms));

const restart = () => {
	line.abort();
	wake();
};

/** Status, history, events; when the line breaks, all again after growing pauses. */
async function follow() {
	let failures = 0;
	const opened = () => {
		failures = 0;
		say($("network"), "");
	};
	for (;;) {
		line = new AbortController();
		try {
			await readStatus();
			await readHistory();
			await api.events(conversation.last, opened, onEvent, line);
		} catch (problem) {
			if (line.signal.aborted) continue;
			failures += 1;
			if (failures > 1) say($("network"), problem.status ? problem.message : T.offline);
		}
		remoteTyping = false;
		showTyping();
		await pause(Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS) * (0.5 + Math.random() / 2));
	}
}

function write(message) {
	conversation.write({ ...message, at: stamp() });
	say($("notice"), "");
	show($("starters"), false);
	log.update();
	log.toEnd();
	deliver();
}

/** Send what is queued, one message at a time and in order. */
async function deliver() {
	if (sending) return;
	sending = true;
	for (let [item] = conversation.in("queued"); item; [item] = conversation.in("queued")) {
		mark(item, "sending");
		showTyping();
		await deliverOne(item);
	}
	sending = false;
	showTyping();
}

async function deliverOne(item) {
	const { message_id, files } = item.msg;
	const ids = files.map((file) => file.file_id);
	try {
		const { messages } = await api.send({ text: item.payload, message_id, ...(ids.length && { files: ids }) });
		if (item.state !== "stored") conversation.settle(item, messages.map(({ id }) => id));
		log.update({ restated: [item] });
		take(messages.map((msg) => ({ direction: "out", at: stamp(), ...msg })), true);
		if (messages.some(({ data }) => data?.kind === "bind")) openBind();
	} catch (problem) {
		if (item.state === "stored") return; // it did arrive; its answer comes with the events
		mark(item, problem.passing ? "failed" : "refused", problem.message);
		if (problem.passing) conversation.in("queued").forEach((next) => mark(next, "failed"));
	}
}

function mark(item, state, reason) {
	conversation.update(item, { state, reason });
	log.update({ restated: [item] });
}

let typingTimer;

function showTyping() {
	clearTimeout(typingTimer);
	const typing = remoteTyping || (sending && status.handoff === "bot");
	typingTimer = setTimeout(() => show($("typing"), typing), typing ? TYPING_DELAY_MS : 0);
}

const actions = {
	press(button, element) {
		if (disabled(element)) return;
		button.used = true;
		markUsed(element);
		write({ text: button.title, payload: button.payload });
	},
	resend() {
		conversation.in("failed").forEach((item) => mark(item, "queued"));
		deliver();
	},
	amend(item) {
		conversation.drop(item);
		log.update();
		input.write([input.text(), item.msg.text].filter(Boolean).join("\n"));
		input.focus();
	},
	view: viewImage,
	bind: openBind,
};

const log = new Log(conversation, actions, now);
const input = composer(write);
const handheld = matchMedia("(pointer: coarse)").matches;

api.whenRenewed(() => {
	conversation.forget();
	log.update();
	say($("notice"), T.renewed);
	restart();
});
prepareBind(restart);

$("starters").append(...T.starters.map((text) => h("button", { click: () => write({ text }) }, text)));
$("human").onclick = () => write({ text: T.wantPerson });
$("open-menu").onclick = () => openDialog("menu");
$("open-bind").onclick = openBind;
$("open-privacy").onclick = () => openDialog("privacy-sheet");
$("privacy-ok").onclick = async () => {
	try {
		await api.consent(privacy().version);
		status.consented = true;
		showPrivacy();
		if (!handheld) input.focus();
	} catch (problem) {
		say($("notice"), problem.message);
	}
};

/** An invitation comes in the address, and must not stay there for others to see. */
function takeInvitation() {
	const [, token] = /^#join=(.+)/.exec(location.hash) ?? [];
	if (!token) return;
	history.replaceState(null, "", location.pathname + location.search);
	openJoin(token);
}

takeInvitation();
addEventListener("hashchange", takeInvitation);
addEventListener("online", () => wake());
addEventListener("offline", () => say($("network"), T.offline));
document.addEventListener("visibilitychange", () => {
	wake();
	tellRead();
});
setInterval(showDemo, 30_000);

// iOS shrinks no page for its keyboard; the visual viewport tells what is left.
visualViewport.onresize = () => {
	if (visualViewport.scale > 1) return;
	document.documentElement.style.setProperty("--height", `${visualViewport.height}px`);
	scrollTo(0, 0);
};

placePanel();
showStatus();
follow();
if (!handheld) input.focus();
