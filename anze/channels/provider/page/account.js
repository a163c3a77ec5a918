// Signing in and out, and what waits to be sent.

import * as api from "./api.js";
import * as data from "./data.js";
import { go, h, line, soft, tag } from "./dom.js";
import { form, labelled } from "./forms.js";
import * as phone from "./phone.js";
import * as queue from "./queue.js";
import { T } from "./texts.js";

export function signIn(onDone) {
	const known = api.session()?.username;
	const { about, again, submit, username, password } = T.signIn;
	const name = h("input", { autocomplete: "username", autocapitalize: "none", required: true, value: known });
	const word = h("input", { type: "password", autocomplete: "current-password", required: true });
	const onSend = async () => {
		await api.login(name.value.trim(), word.value);
		await onDone();
	};
	return form({ about: known ? again : about, submit, onSend }, labelled(username, name), labelled(password, word));
}

export async function account(onLeft) {
	const count = queue.waiting().length + (await phone.all("drafts")).length;
	const { username } = api.session();
	const click = async () => {
		queue.unload();
		await api.logout();
		if (!count) await phone.forget(username);
		await onLeft();
	};
	return h("section.box",
		h("p", T.signedIn(username)),
		soft(count ? T.unsent(count) : T.wipe),
		h("button.button.big", { click }, T.signOut),
	);
}

const BARE = ["rules_seen", "check_in", "photos"];

/** Back into the form it came from, with all that was written and chosen. */
async function edit(item) {
	const { kind, number, body, files, code } = item;
	const { client_id, ...fields } = body;
	const hazard = kind === "hazard" && (code === "hazard_client_id" ? queue.newId() : client_id);
	const key = hazard || `${kind}:${number}`;
	if (await queue.take(item, { key, kind, number, fields, files })) go("o", number, ...(hazard ? ["h", hazard] : [kind]));
}

function entry(item) {
	const { id, kind, number, body, files, state, reason, at } = item;
	const sending = queue.current?.id === id;
	const refused = state === "refused";
	const remove = () => confirm(T.queue.sure) && queue.take(item);
	const [words, click] = BARE.includes(kind) ? [T.queue.again, queue.again] : [T.queue.edit, edit];
	return h("li.entry",
		line(
			h("b", [T.kind[kind], body.place].filter(Boolean).join(" · ")),
			refused ? tag("bad", T.refused(1)) : tag("warn", sending ? T.sending : T.waiting),
		),
		soft(`${data.order(number)?.insured ?? number} · ${data.spoken(at)}`),
		sending && files.length > 0 && h("progress", { value: queue.current.part, "aria-label": T.sending }),
		refused && [
			h("p.error", reason),
			line(
				h("button.button", { click: () => click(item) }, words),
				h("button.link", { click: remove }, T.queue.remove),
			),
		],
	);
}

export function waitingList() {
	const items = queue.waiting();
	if (!items.length) return h("p.empty", T.queue.empty);
	return [soft(T.queue.about), h("ul.entries.box", items.map(entry))];
}
